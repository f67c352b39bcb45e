"""What every report is: lines, each with what it is of and its figures, and the figures of all."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from models.analytics.span import Span


class By(StrEnum):
    """What each line of a report is of."""

    SESSION = "session"
    CLASS = "class"
    DAY = "day"
    WEEK = "week"
    KIND = "kind"
    LEAD = "lead"


@dataclass(frozen=True, slots=True)
class Day:
    """A day by the span's clocks, or as much of it as the span covers."""

    day: date
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Week:
    """A week from Monday on by the span's clocks, or as much of it as the span covers."""

    monday: date
    starts_at: datetime
    ends_at: datetime

    @property
    def week(self) -> str:
        """Its number by ISO 8601, such as `2026-W09`."""
        year, number, _ = self.monday.isocalendar()
        return f"{year:04}-W{number:02}"


@dataclass(frozen=True, slots=True)
class ClassName:
    """A group class."""

    group_class_id: int
    group_class_name: str


@dataclass(frozen=True, slots=True)
class SessionName:
    """A session and its class."""

    session_id: int
    group_class_id: int
    group_class_name: str
    start_at: datetime


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job."""

    kind: str


@dataclass(frozen=True, slots=True)
class Lead:
    """From how long before the start until how long before it; the longest has no end."""

    at_least: timedelta
    less_than: timedelta | None


Of = Day | Week | ClassName | SessionName | Kind | Lead
F = TypeVar("F")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Line(Generic[F]):
    """One line: what it is of, and its figures."""

    of: Of
    figures: F


@dataclass(frozen=True, slots=True)
class Report(Generic[F, T]):
    """What was read of a span: its lines, and the figures of all of them together."""

    span: Span
    by: By
    lines: list[Line[F]]
    total: T


def share(part: int, whole: int) -> float | None:
    """A part of a whole, from 0 to 1; None of nothing."""
    return part / whole if whole else None
