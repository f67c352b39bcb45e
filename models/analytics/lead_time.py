"""Lead time: how long before a session's start its seats were booked."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ARRAY, Connection, Double, Select, and_, func, literal, select

from models.analytics.report import By, Lead, Line, Report
from models.analytics.span import Span
from models.booking import Booking
from models.catalog import CourseSession, SessionStatus

BOUNDS = (
    timedelta(0),
    *(timedelta(hours=hours) for hours in (2, 12)),
    *(timedelta(days=days) for days in (1, 3, 7, 14, 28, 56)),
)
"""Where each stretch of the histogram begins; the last one has no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTimes:
    """How long before the start seats were booked.

    A quarter of the seats was booked at most `lower_quartile` before it, half at most `median`.
    `after_start` are seats that were only entered later; they are in no other figure.
    """

    seats: int = 0
    lower_quartile: timedelta | None = None
    median: timedelta | None = None
    upper_quartile: timedelta | None = None
    after_start: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """How many seats were booked in one stretch of time before the start."""

    seats: int = 0


def read_lead_times(db: Connection, span: Span) -> Report[Seats, LeadTimes]:
    """How long before the start those who have a seat in a session of the span booked it.

    Sessions that start in the span and take place, by today's start where they were moved. Seats
    given up don't count; one that was swapped counts from the swap.
    """
    *counts, quartiles, after_start = db.execute(_figures(span)).one()
    lines = [
        Line(Lead(at_least, less_than), Seats(seats=count))
        for at_least, less_than, count in zip(BOUNDS, (*BOUNDS[1:], None), counts, strict=True)
    ]
    lower, median, upper = _durations(quartiles or [None] * 3)
    return Report(
        span,
        By.LEAD,
        lines,
        LeadTimes(
            seats=sum(counts),
            lower_quartile=lower,
            median=median,
            upper_quartile=upper,
            after_start=after_start,
        ),
    )


def _durations(seconds: list[float | None]) -> list[timedelta | None]:
    return [None if one is None else timedelta(seconds=one) for one in seconds]


def _figures(span: Span) -> Select[Any]:
    """A row of the seats in each stretch, the quartiles, and the seats after the start."""
    lead = _LEADS.where(span.covers(CourseSession.start_at)).cte("lead")
    # or else it is reckoned again for each figure of each seat
    seconds = lead.prefix_with("MATERIALIZED").c.seconds
    counts: list[Any] = [
        func.count().filter(
            and_(seconds >= first.total_seconds(), seconds < following.total_seconds())
        )
        for first, following in pairwise(BOUNDS)
    ]
    return select(
        *counts,
        func.count().filter(seconds >= BOUNDS[-1].total_seconds()),
        func.percentile_cont(_QUARTERS).within_group(seconds).filter(seconds >= 0),
        func.count().filter(seconds < 0),
    )


_QUARTERS: Any = literal([0.25, 0.5, 0.75], ARRAY(Double))
_LEADS = (
    select(
        func.date_part("epoch", CourseSession.start_at - Booking.created_at, type_=Double).label(
            "seconds"
        )
    )
    .select_from(CourseSession)
    .join(Booking, Booking.session_id == CourseSession.id)
    .where(CourseSession.status == SessionStatus.SCHEDULED, Booking.holds_seat)
)
