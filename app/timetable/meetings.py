"""Dated meetings: a weekly pattern moved by whole weeks and put on the clock of its place."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.timetable.lines import Line, Problem

PLACE = "America/New_York"
_ZONE = ZoneInfo(PLACE)


class Meeting(NamedTuple):
    """One dated meeting, in UTC."""

    start_at: datetime
    end_at: datetime


def next_monday(now: datetime) -> date:
    """Return the first Monday after the day that it is now at the place."""
    today = now.astimezone(_ZONE).date()
    return today + timedelta(days=7 - today.weekday())


def weeks_to_move(lines: list[Line], starts: date) -> timedelta:
    """Say how far to move so that the earliest week falls on the one of `starts`."""
    earliest = min((line.first_day for line in lines), default=starts)
    return _monday(starts) - _monday(earliest)


def meetings_of(line: Line, move: timedelta, problems: list[Problem]) -> Iterator[Meeting]:
    """Yield the meetings of a line; those at a time the clock skips or repeats are listed."""
    for number in range((line.last_day - line.first_day).days + 1):
        day = line.first_day + timedelta(days=number)
        if day.weekday() in line.weekdays:
            start, end = (_instant(day + move, clock) for clock in (line.start, line.end))
            if start and end:
                yield Meeting(start, end)
            else:
                reason = f"the clock is put forward or back; the meeting on {day + move} left out"
                problems.append(Problem(line.number, reason))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _instant(day: date, clock: time) -> datetime | None:
    """Return the instant when it is this time there; None if there is none, or two."""
    earlier = datetime.combine(day, clock, _ZONE)
    if earlier.utcoffset() != earlier.replace(fold=1).utcoffset():
        return None
    return earlier.astimezone(UTC)
