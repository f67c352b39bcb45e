"""The lines of a timetable: each checked by itself, and listed when it makes no sense."""

import csv
import re
from collections.abc import Iterable
from datetime import date, time
from pathlib import Path
from typing import NamedTuple

from app.catalog_file import values

COLUMNS = [
    *("course", "title", "type", "section", "crn", "days", "start", "end"),
    *("from", "until", "capacity", "enrolled", "location", "teacher"),
]
DAYS = "MTWRFSU"
"""A day's letter stands at its weekday, 0 for Monday; R is Thursday and U is Sunday."""

LONGEST_SEMESTER_DAYS = 350
"""Less than a year, so that a slip of one year shows."""
MOST_ENROLLED = 5_000
"""In one section; each of them becomes a user, so that a slip would make very many."""
_CLOCK = re.compile(r"(1[0-2]|0?[1-9]):([0-5][0-9])(AM|PM)", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,6}", re.ASCII)
# put together, they still fit into the names of a catalog
_LONGEST = {"course": 30, "title": 120, "type": 20, "section": 20, "crn": 20, "teacher": 120}


class Problem(NamedTuple):
    """A line of the file and why it, or one of its meetings, was left out or is remarkable."""

    line: int
    reason: str

    def __str__(self) -> str:
        """Print the line that a person reads."""
        return f"line {self.line}: {self.reason}"


class UnreadableTimetable(Exception):  # noqa: N818 - reads as what it is in `except`
    """The file is no timetable at all; the text says why."""


class Line(NamedTuple):
    """A line that makes sense: one weekly pattern of one component of one section."""

    number: int
    course: str
    title: str
    component: str
    section: str
    crn: str
    weekdays: tuple[int, ...]
    start: time
    end: time
    first_day: date
    last_day: date
    capacity: int
    enrolled: int
    teacher: str


class _NoSense(Exception):  # noqa: N818 - caught a few lines further down
    pass


def read_lines(path: Path) -> tuple[list[Line], list[Problem]]:
    """Read a timetable; returns the lines that make sense, and the others with their reason.

    Raises `UnreadableTimetable` when the file is no such CSV, `OSError` when it can't be read.
    """
    lines: list[Line] = []
    problems: list[Problem] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            _check_header(next(reader, []))
            for cells in reader:
                _read_one(reader.line_num, cells, lines, problems)
    except UnicodeDecodeError as error:
        raise UnreadableTimetable(f"is not UTF-8: {error.reason}") from None
    except csv.Error as error:
        raise UnreadableTimetable(f"is not CSV: {error}") from None
    return lines, problems


def _check_header(cells: Iterable[str]) -> None:
    if list(cells) != COLUMNS:
        raise UnreadableTimetable(f"must begin with the columns {','.join(COLUMNS)}")


def _read_one(number: int, cells: list[str], lines: list[Line], problems: list[Problem]) -> None:
    if not cells:
        return
    try:
        lines.append(_read_line(number, cells))
    except _NoSense as nonsense:
        problems.append(Problem(number, f"{nonsense}; left out"))


def _read_line(number: int, cells: list[str]) -> Line:
    if len(cells) != len(COLUMNS):
        raise _NoSense(f"has {len(cells)} columns instead of {len(COLUMNS)}")
    row = {name: cell.strip() for name, cell in zip(COLUMNS, cells, strict=True)}
    _check_texts(row)
    _check_has_meetings(row)
    start, end = _clock_times(row)
    first_day, last_day = _semester(row)
    weekdays = _weekdays(row["days"])
    if not _meets(weekdays, first_day, last_day):
        raise _NoSense(f"meets on {row['days']!r}, but not from {first_day} until {last_day}")
    return Line(
        number=number,
        course=row["course"],
        title=row["title"],
        component=row["type"],
        section=row["section"],
        crn=row["crn"],
        weekdays=weekdays,
        start=start,
        end=end,
        first_day=first_day,
        last_day=last_day,
        capacity=_count(row, "capacity"),
        enrolled=_enrolled(row),
        teacher=row["teacher"],
    )


def _check_texts(row: dict[str, str]) -> None:
    for name in ("course", "title", "section", "crn"):
        if not row[name]:
            raise _NoSense(f"has no {name}")
    for name, longest in _LONGEST.items():
        try:
            if row[name]:
                values.text(longest)(row[name])
        except values.WrongValue as wrong:
            raise _NoSense(f"has a {name} that can't be taken: it {wrong}") from None


def _check_has_meetings(row: dict[str, str]) -> None:
    missing = [name for name in ("days", "start", "end") if not row[name]]
    if len(missing) == len(("days", "start", "end")):
        raise _NoSense("has no meetings: neither days nor times")
    if missing:
        raise _NoSense(f"has no meetings: no {' and no '.join(missing)}")


def _clock_times(row: dict[str, str]) -> tuple[time, time]:
    start, end = _clock(row["start"]), _clock(row["end"])
    if end <= start:
        raise _NoSense(f"ends at {row['end']}, before or when it starts ({row['start']})")
    return start, end


def _clock(text: str) -> time:
    match = _CLOCK.fullmatch(text)
    if not match:
        raise _NoSense(f"has the time {text!r}, which is none")
    hour, minute, half = match.groups()
    return time(int(hour) % 12 + (12 if half == "PM" else 0), int(minute))


def _semester(row: dict[str, str]) -> tuple[date, date]:
    first_day, last_day = _day(row["from"]), _day(row["until"])
    if not 0 <= (last_day - first_day).days <= LONGEST_SEMESTER_DAYS:
        raise _NoSense(f"runs from {first_day} until {last_day}")
    return first_day, last_day


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _NoSense(f"has the date {text!r}, which is none") from None


def _weekdays(days: str) -> tuple[int, ...]:
    if any(day not in DAYS for day in days) or len(set(days)) < len(days):
        raise _NoSense(f"meets on {days!r}, which are no days")
    return tuple(sorted(DAYS.index(day) for day in days))


def _meets(weekdays: tuple[int, ...], first_day: date, last_day: date) -> bool:
    days = (last_day - first_day).days + 1
    return any((weekday - first_day.weekday()) % 7 < days for weekday in weekdays)


def _count(row: dict[str, str], name: str) -> int:
    if not _COUNT.fullmatch(row[name]):
        raise _NoSense(f"has the {name} {row[name]!r}, which is no number of seats")
    return int(row[name])


def _enrolled(row: dict[str, str]) -> int:
    enrolled = _count(row, "enrolled")
    if enrolled > MOST_ENROLLED:
        raise _NoSense(f"has {enrolled} enrolled, and no section has more than {MOST_ENROLLED}")
    return enrolled
