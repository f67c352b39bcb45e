"""Why a request can't be fulfilled: a value with a code and a sentence, never an exception.

The codes and their order are those of the rules (domain: "Rules, and the refusal code for
each"); the sentences are what a student reads.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from models.wish import Wish


class RefusalCode(StrEnum):
    """Every reason for which a request can be refused, in the order they are judged.

    The last group is staff's own: what a member of staff names is judged by the worker, too.
    """

    PACKAGE_INACTIVE = "package_inactive"
    PACKAGE_EXPIRED = "package_expired"
    NOT_OPEN_YET = "not_open_yet"
    STEP_ALREADY_BOOKED = "step_already_booked"
    NOT_BOOKED = "not_booked"
    OPTION_INVALID = "option_invalid"
    SESSION_INVALID = "session_invalid"
    NO_UPCOMING_SESSION = "no_upcoming_session"
    SESSION_CANCELLED = "session_cancelled"
    SESSION_STARTED = "session_started"
    SAME_SESSION = "same_session"
    TOO_LATE_TO_CHANGE = "too_late_to_change"
    TOO_LATE_TO_CANCEL = "too_late_to_cancel"
    ALREADY_IN_SESSION = "already_in_session"
    TIME_CONFLICT = "time_conflict"
    OUT_OF_ORDER = "out_of_order"
    SESSION_FULL = "session_full"
    SESSION_NOT_FULL = "session_not_full"
    ALREADY_WAITLISTED = "already_waitlisted"
    WAITLIST_CLOSED = "waitlist_closed"
    NOT_WAITLISTED = "not_waitlisted"

    STUDENT_INVALID = "student_invalid"
    BOOKING_INVALID = "booking_invalid"
    CAPACITY_TOO_LOW = "capacity_too_low"


MESSAGES = {
    RefusalCode.PACKAGE_INACTIVE: (
        "This course package was cancelled. Please contact the school if that is a surprise."
    ),
    RefusalCode.PACKAGE_EXPIRED: (
        "This course package ends before that. Choose an earlier session, or ask the school to"
        " extend the package."
    ),
    RefusalCode.NOT_OPEN_YET: "Booking for this course has not opened yet. Please come back then.",
    RefusalCode.STEP_ALREADY_BOOKED: (
        "You have already booked this step. To take another session, change the booking instead."
    ),
    RefusalCode.NOT_BOOKED: "You have no booking for this step yet. Please book it first.",
    RefusalCode.OPTION_INVALID: "This class is not offered for this step. Please choose another.",
    RefusalCode.SESSION_INVALID: (
        "This session does not belong to the class you chose. Please choose again."
    ),
    RefusalCode.NO_UPCOMING_SESSION: (
        "No session of this class is planned at the moment. Please choose another class or try"
        " again later."
    ),
    RefusalCode.SESSION_CANCELLED: "This session was cancelled. Please choose another one.",
    RefusalCode.SESSION_STARTED: "This session has already started. Please choose a later one.",
    RefusalCode.SAME_SESSION: (
        "You already have a seat in this session. Please choose another one to change to."
    ),
    RefusalCode.TOO_LATE_TO_CHANGE: (
        "It is too late to change this booking by yourself. Please ask the school."
    ),
    RefusalCode.TOO_LATE_TO_CANCEL: (
        "It is too late to cancel this booking by yourself. Please ask the school."
    ),
    RefusalCode.ALREADY_IN_SESSION: (
        "You already have a seat in this session. Please choose another one for this step."
    ),
    RefusalCode.TIME_CONFLICT: "This session overlaps another one you have booked.",
    RefusalCode.OUT_OF_ORDER: (
        "The steps of this course are taken in order. Please choose a session that fits between"
        " your other steps."
    ),
    RefusalCode.SESSION_FULL: "This session is full. Please choose another one.",
    RefusalCode.SESSION_NOT_FULL: (
        "There is a free seat, so nobody has to wait. Please book it instead."
    ),
    RefusalCode.ALREADY_WAITLISTED: "You are already on this waitlist. We will tell you by mail.",
    RefusalCode.WAITLIST_CLOSED: (
        "The waitlist is closed: the session starts soon. Please choose another one."
    ),
    RefusalCode.NOT_WAITLISTED: "You are not on a waitlist for this step.",
    RefusalCode.STUDENT_INVALID: "There is no student with this number.",
    RefusalCode.BOOKING_INVALID: "This booking holds no seat in this session.",
    RefusalCode.CAPACITY_TOO_LOW: (
        "More seats than that are taken. Please move or cancel bookings first."
    ),
}

NO_ALTERNATIVES = {
    RefusalCode.PACKAGE_INACTIVE,
    RefusalCode.NOT_OPEN_YET,
    RefusalCode.STEP_ALREADY_BOOKED,
    RefusalCode.NOT_BOOKED,
    RefusalCode.TOO_LATE_TO_CHANGE,
    RefusalCode.TOO_LATE_TO_CANCEL,
    RefusalCode.ALREADY_WAITLISTED,
    RefusalCode.NOT_WAITLISTED,
    RefusalCode.STUDENT_INVALID,
    RefusalCode.BOOKING_INVALID,
    RefusalCode.CAPACITY_TOO_LOW,
}
"""Refusals that another session would not help against."""


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
        self.message = self.message or MESSAGES[self.code]

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
