"""Why a request can't be fulfilled: a value with a code and a sentence, never an exception.

The codes and their order are those of the rules (domain: "Rules, and the refusal code for
each"); the sentences are what a student reads.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from models.wish import Wish

ANOTHER_SESSION_HELPS, NOTHING_ELSE_HELPS = True, False
"""Whether a refusal comes with other sessions to choose from."""


class RefusalCode(StrEnum):
    """Every reason for which a request can be refused, in the order in which they are judged.

    Each stands with its sentence and with whether another session could help against it. The last
    group is staff's own: what a member of staff names is judged by the worker, too.
    """

    sentence: str
    another_session_helps: bool

    def __new__(cls, code: str, sentence: str, another_session_helps: bool) -> Self:  # noqa: FBT001 - a table's column
        """Make the member that is equal to its code."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        member.another_session_helps = another_session_helps
        return member

    PACKAGE_INACTIVE = (
        "package_inactive",
        "This course package was cancelled. Please contact the school if that is a surprise.",
        NOTHING_ELSE_HELPS,
    )
    PACKAGE_EXPIRED = (
        "package_expired",
        (
            "This course package ends before that. Choose an earlier session, or ask the school to"
            " extend the package."
        ),
        ANOTHER_SESSION_HELPS,
    )
    NOT_OPEN_YET = (
        "not_open_yet",
        "Booking for this course has not opened yet. Please come back then.",
        NOTHING_ELSE_HELPS,
    )
    STEP_ALREADY_BOOKED = (
        "step_already_booked",
        "You have already booked this step. To take another session, change the booking instead.",
        NOTHING_ELSE_HELPS,
    )
    NOT_BOOKED = (
        "not_booked",
        "You have no booking for this step yet. Please book it first.",
        NOTHING_ELSE_HELPS,
    )
    OPTION_INVALID = (
        "option_invalid",
        "This class is not offered for this step. Please choose another.",
        ANOTHER_SESSION_HELPS,
    )
    SESSION_INVALID = (
        "session_invalid",
        "This session does not belong to the class you chose. Please choose again.",
        ANOTHER_SESSION_HELPS,
    )
    NO_UPCOMING_SESSION = (
        "no_upcoming_session",
        (
            "No session of this class is planned at the moment. Please choose another class or try"
            " again later."
        ),
        ANOTHER_SESSION_HELPS,
    )
    SESSION_CANCELLED = (
        "session_cancelled",
        "This session was cancelled. Please choose another one.",
        ANOTHER_SESSION_HELPS,
    )
    SESSION_STARTED = (
        "session_started",
        "This session has already started. Please choose a later one.",
        ANOTHER_SESSION_HELPS,
    )
    SAME_SESSION = (
        "same_session",
        "You already have a seat in this session. Please choose another one to change to.",
        ANOTHER_SESSION_HELPS,
    )
    TOO_LATE_TO_CHANGE = (
        "too_late_to_change",
        "It is too late to change this booking by yourself. Please ask the school.",
        NOTHING_ELSE_HELPS,
    )
    TOO_LATE_TO_CANCEL = (
        "too_late_to_cancel",
        "It is too late to cancel this booking by yourself. Please ask the school.",
        NOTHING_ELSE_HELPS,
    )
    ALREADY_IN_SESSION = (
        "already_in_session",
        "You already have a seat in this session. Please choose another one for this step.",
        ANOTHER_SESSION_HELPS,
    )
    TIME_CONFLICT = (
        "time_conflict",
        "This session overlaps another one you have booked.",
        ANOTHER_SESSION_HELPS,
    )
    OUT_OF_ORDER = (
        "out_of_order",
        (
            "The steps of this course are taken in order. Please choose a session that fits between"
            " your other steps."
        ),
        ANOTHER_SESSION_HELPS,
    )
    SESSION_FULL = (
        "session_full",
        "This session is full. Please choose another one.",
        ANOTHER_SESSION_HELPS,
    )
    SESSION_NOT_FULL = (
        "session_not_full",
        "There is a free seat, so nobody has to wait. Please book it instead.",
        ANOTHER_SESSION_HELPS,
    )
    ALREADY_WAITLISTED = (
        "already_waitlisted",
        "You are already on this waitlist. We will tell you by mail.",
        NOTHING_ELSE_HELPS,
    )
    WAITLIST_CLOSED = (
        "waitlist_closed",
        "The waitlist is closed: the session starts soon. Please choose another one.",
        ANOTHER_SESSION_HELPS,
    )
    NOT_WAITLISTED = (
        "not_waitlisted",
        "You are not on a waitlist for this step.",
        NOTHING_ELSE_HELPS,
    )

    STUDENT_INVALID = (
        "student_invalid",
        "There is no student with this number.",
        NOTHING_ELSE_HELPS,
    )
    BOOKING_INVALID = (
        "booking_invalid",
        "This booking holds no seat in this session.",
        NOTHING_ELSE_HELPS,
    )
    CAPACITY_TOO_LOW = (
        "capacity_too_low",
        "More seats than that are taken. Please move or cancel bookings first.",
        NOTHING_ELSE_HELPS,
    )


SENTENCES = {code.value: code.sentence for code in RefusalCode}
"""What a student reads, by code, in the order of the rules."""


@dataclass(slots=True)
class Refusal:
    """One refusal: the code, a sentence for the student and what they could do instead."""

    code: RefusalCode
    detail: str
    message: str = ""
    alternatives: list[dict[str, Any]] = field(default_factory=list)
    waitlist_until: datetime | None = None
    """Until when one can wait for a seat instead; None where no waitlist is open."""
    wish: Wish | None = None
    """What to look for alternatives to, where another session would help."""

    def __post_init__(self) -> None:
        """Fall back to the code's own sentence."""
        self.message = self.message or self.code.sentence

    def facts(self) -> dict[str, Any]:
        """The refusal as a job keeps it."""
        return {
            "code": self.code.value,
            "detail": self.detail,
            "message": self.message,
            "alternatives": self.alternatives,
            **self.waitlist_facts(),
        }

    def waitlist_facts(self) -> dict[str, Any]:
        """Whether the waitlist was open, and until when it is: letters may leave late."""
        until = self.waitlist_until
        return {
            "waitlist_open": until is not None,
            "waitlist_until": until.isoformat() if until else None,
        }
