"""What kinds of event there are."""

from enum import StrEnum

TEST_TYPE = "webhook.test"
"""The type of what a test delivery carries; it never stands in the log."""


class EventType(StrEnum):
    """What can happen; the words of the contract."""

    STEP_BOOKED = "course.step.booked"
    STEP_CHANGED = "course.step.changed"
    STEP_CANCELLED = "course.step.cancelled"
    STEP_WAITLISTED = "course.step.waitlisted"
    STEP_PROMOTED = "course.step.promoted"
    SESSION_CANCELLED = "course.session.cancelled"
    SESSION_MOVED = "course.session.moved"
