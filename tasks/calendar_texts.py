"""The words of calendar entries."""

from datetime import datetime
from zoneinfo import ZoneInfo

from models.calendar_entries import CalendarEntry

CALENDAR_NAME = "My course sessions"
"""What a calendar that reads the feed is called."""


def summary(entry: CalendarEntry) -> str:
    """The entry's title: the program and step, or the class for a seat without a step."""
    if entry.step_label is None:
        return entry.group_class_name
    return f"{entry.program_title}, {entry.step_label}: {entry.step_title}"


def description(entry: CalendarEntry, page: str, zone: ZoneInfo) -> list[str]:
    """The lines under it: whom it is with, until when it can be changed, where to do that.

    Instants are told in the student's zone.
    """
    lines = [f"{entry.group_class_name} with {entry.teacher_name}"]
    if not entry.is_cancelled:
        lines += [
            f"You can change it until {_moment(entry.change_until, zone)}.",
            f"You can cancel it until {_moment(entry.cancel_until, zone)}.",
        ]
    return [*lines, page]


def _moment(moment: datetime | None, zone: ZoneInfo) -> str:
    if moment is None:
        return "the start"
    return f"{moment.astimezone(zone):%A, %d %B %Y, %H:%M} ({zone.key})"
