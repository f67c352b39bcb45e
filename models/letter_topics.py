"""What letters are about: the topics of mails in the outbox, each with a template of its name."""

from enum import StrEnum


class LetterTopic(StrEnum):
    """What a letter tells."""

    BOOKING_CONFIRMED = "booking_confirmed"
    BOOKING_CHANGED = "booking_changed"
    BOOKING_CANCELLED = "booking_cancelled"
    BOOKING_RELEASED = "booking_released"
    SESSION_MOVED = "session_moved"
    SESSION_CANCELLED = "session_cancelled"
    WAITLIST_JOINED = "waitlist_joined"
    WAITLIST_PROMOTED = "waitlist_promoted"
    WAITLIST_ENDED = "waitlist_ended"
    WAITLIST_LEFT = "waitlist_left"
    REMINDER = "reminder"
    REQUEST_REFUSED = "request_refused"
    WEBHOOK_DISABLED = "webhook_disabled"


TELLING_A_SEAT_HELD = (
    LetterTopic.BOOKING_CONFIRMED,
    LetterTopic.BOOKING_CHANGED,
    LetterTopic.WAITLIST_PROMOTED,
    LetterTopic.SESSION_MOVED,
)
"""Those about a seat that somebody has from now on, or at another time."""
TELLING_A_SEAT_GONE = (
    LetterTopic.BOOKING_CANCELLED,
    LetterTopic.SESSION_CANCELLED,
    LetterTopic.BOOKING_RELEASED,
)
"""Those about one that was given back."""
TELLING_THE_SEAT = (*TELLING_A_SEAT_HELD, *TELLING_A_SEAT_GONE)
"""Those that say how a step's seat stands, whatever was told before."""
TELLING_WHAT_GOES_ON = (*TELLING_A_SEAT_HELD, LetterTopic.WAITLIST_JOINED)
"""Those that are pointless when what they tell has ended before they leave."""
