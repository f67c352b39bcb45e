"""Activity: what was booked, changed, cancelled and refused, day by day."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import CompoundSelect, Connection, case, func, literal, or_, select, union_all

from models.analytics.periods import days, number_in
from models.analytics.report import By, Day, Line, Report
from models.analytics.span import Span
from models.booking import Booking, BookingStatus
from models.booking_job import BookingJob, JobStatus
from models.changing_step import CHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """How many seats were booked, changed and cancelled, and requests refused, by their code."""

    bookings: int = 0
    changes: int = 0
    cancellations: int = 0
    refusals_by_code: Counter[str] = field(default_factory=Counter)

    @property
    def refusals(self) -> int:
        """All refusals, whatever their code."""
        return self.refusals_by_code.total()


def read_activity(db: Connection, span: Span) -> Report[Activity, Activity]:
    """What happened to seats on each day of the span, whoever did it.

    A change is one, and no booking and cancellation beside. Refusals are known as long as their
    job is kept; what a dry run came to is none.
    """
    found = days(span)
    counts = [Counter[tuple[str, str]]() for _ in found]
    for number, deed, code, count in db.execute(_statement(span, found)):
        counts[number][deed, code] = count
    lines = [Line(day, _activity(count)) for day, count in zip(found, counts, strict=True)]
    return Report(span, By.DAY, lines, _activity(sum(counts, Counter())))


class _Deed(StrEnum):
    BOOKED = "booked"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    REFUSED = "refused"


def _activity(counts: Counter[tuple[str, str]]) -> Activity:
    codes = {code: count for (deed, code), count in counts.items() if deed == _Deed.REFUSED}
    return Activity(
        bookings=counts[_Deed.BOOKED, ""],
        changes=counts[_Deed.CHANGED, ""],
        cancellations=counts[_Deed.CANCELLED, ""],
        refusals_by_code=Counter(codes),
    )


def _statement(span: Span, found: list[Day]) -> CompoundSelect[Any]:
    """Rows of a day's number, what was done, a refusal's code and how often."""
    made = case((Booking.replaces_booking_id.is_(None), _Deed.BOOKED), else_=_Deed.CHANGED)
    code = BookingJob.error["code"].astext
    return union_all(
        _counted(span, found, Booking.created_at, made, literal("")),
        _counted(span, found, Booking.cancelled_at, literal(_Deed.CANCELLED), literal("")).where(
            Booking.status == BookingStatus.CANCELLED,
            or_(Booking.cancel_reason.is_(None), Booking.cancel_reason != CHANGED),
        ),
        _counted(span, found, BookingJob.decided_at, literal(_Deed.REFUSED), code).where(
            BookingJob.status == JobStatus.REFUSED,
            BookingJob.request["dry_run"].astext.is_distinct_from("true"),
        ),
    )


def _counted(span: Span, found: list[Day], at: Any, deed: Any, code: Any) -> Any:
    return (
        select(
            number_in(found, at).label("number"),
            deed.label("deed"),
            code.label("code"),
            func.count(),
        )
        .where(span.covers(at))
        .group_by("number", "deed", "code")
    )
