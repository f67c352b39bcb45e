"""The days and weeks of a span, and how a statement tells which of them an instant is in.

They are reckoned here and not by the database, whose time zones may be of another age. A day on
which the clocks change has 23 or 25 hours.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, DateTime, func, literal

from models.analytics.report import Day, Week
from models.analytics.span import Span, midnight

ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(weeks=1)


def days(span: Span) -> list[Day]:
    """The days that the span touches, the first and the last of them cut by it."""
    return [Day(*cut) for cut in _cuts(span, _first_day(span), ONE_DAY)]


def weeks(span: Span) -> list[Week]:
    """The weeks that the span touches, the first and the last of them cut by it."""
    first = _first_day(span)
    return [Week(*cut) for cut in _cuts(span, first - first.weekday() * ONE_DAY, ONE_WEEK)]


def number_in(periods: Sequence[Day | Week], instant: Any) -> ColumnElement[int]:
    """Which of the periods an instant of the span is in, counted from 0."""
    starts = [period.starts_at for period in periods]
    return func.width_bucket(instant, literal(starts, ARRAY(DateTime(timezone=True)))) - 1


def _first_day(span: Span) -> date:
    return span.start.astimezone(span.zone).date()


def _cuts(span: Span, first: date, step: timedelta) -> list[tuple[date, datetime, datetime]]:
    begins = [(first, span.start.astimezone(UTC))]
    while (start := midnight(first := first + step, span.zone)) < span.end:
        begins.append((first, start))
    ends = [*begins, (first, span.end.astimezone(UTC))]
    # a day that a zone left out when it crossed the date line has no hours
    return [(day, start, end) for (day, start), (_, end) in pairwise(ends) if start < end]
