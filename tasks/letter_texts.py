"""What each kind of letter says; the words in braces are filled in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """The subject and the body of one kind of letter."""

    subject: str
    body: str


_WHAT = """\
  {what}
  {group_class} with {teacher}
  {when}
"""
_UNTIL = """\
You can change it until {change_until}
and cancel it until {cancel_until}.
"""

TEXTS = {
    "booking_confirmed": Text(
        "Booked: {what}",
        "Hello {name},\n\nyour seat is booked.\n\n" + _WHAT + "\n" + _UNTIL + "\nSee you there!\n",
    ),
    "booking_changed": Text(
        "Changed: {what}",
        "Hello {name},\n\nyour booking was changed. This is your seat now:\n\n"
        + _WHAT
        + "\nYour seat on {before} is free again.\n\n"
        + _UNTIL,
    ),
    "booking_cancelled": Text(
        "Cancelled: {what}",
        "Hello {name},\n\nthis booking was cancelled:\n\n" + _WHAT + "{because}",
    ),
    "reminder": Text(
        "Coming up: {what}",
        "Hello {name},\n\nthis is coming up:\n\n" + _WHAT + "\nSee you there!\n",
    ),
    "waitlist_joined": Text(
        "On the waitlist: {what}",
        "Hello {name},\n\nyou are on the waitlist:\n\n"
        + _WHAT
        + "\nWhen a seat gets free and it is your turn, we book it for you and tell you at once.\n"
        "You can leave the waitlist at any time.\n",
    ),
    "waitlist_promoted": Text(
        "You have a seat: {what}",
        "Hello {name},\n\na seat got free, and it is yours now:\n\n"
        + _WHAT
        + "{instead}\n"
        + _UNTIL,
    ),
    "waitlist_ended": Text(
        "Waitlist closed: {what}",
        "Hello {name},\n\nthe session that you were waiting for was cancelled:\n\n"
        + _WHAT
        + "\nYou don't wait for it any more. Please look at the other sessions.\n",
    ),
    "session_cancelled": Text(
        "Session cancelled: {what}",
        "Hello {name},\n\nwe are sorry: this session was cancelled.\n\n"
        + _WHAT
        + "{because}{alternatives}",
    ),
    "session_moved": Text(
        "New time: {what}",
        "Hello {name},\n\nyour session was moved. This is the new time:\n\n"
        + _WHAT
        + "\nIt was planned for {before} before.\n"
        "If the new time doesn't suit you, you can change or cancel until it starts.\n",
    ),
    "booking_released": Text(
        "Your seat was released: {what}",
        "Hello {name},\n\nthis session was moved to a time at which you have another booking, so"
        " we released your seat:\n\n" + _WHAT + "{because}{alternatives}",
    ),
}
"""The text of each topic that mails in the outbox have."""
