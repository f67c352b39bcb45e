"""Fill: how many of the seats of sessions are taken."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, cast, func, select

from models.analytics.reading import read_report
from models.analytics.report import By, Report, share
from models.analytics.span import Span
from models.catalog import CourseSession, SessionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """Sessions that take place and their seats; cancelled sessions are only counted."""

    sessions: int = 0
    cancelled: int = 0
    seats_taken: int = 0
    capacity_max: int = 0

    @property
    def fill_rate(self) -> float | None:
        """The share of the seats that is taken; None where there are none."""
        return share(self.seats_taken, self.capacity_max)


def read_fill(
    db: Connection, span: Span, by: By = By.WEEK, *, group_class_id: int | None = None
) -> Report[Fill, Fill]:
    """The fill of the sessions that start in the span, by session, class or week.

    Of one class if it is given. Sessions are listed by their start, classes by name.
    """
    figures = _FIGURES.where(span.covers(CourseSession.start_at))
    if group_class_id is not None:
        figures = figures.where(CourseSession.group_class_id == group_class_id)
    return read_report(db, span, by, figures=figures, keys=_KEYS, make=Fill)


_TAKES_PLACE = CourseSession.status == SessionStatus.SCHEDULED


def _sum(column: Any) -> Any:
    # of bigint it would be a numeric
    return cast(func.coalesce(func.sum(column).filter(_TAKES_PLACE), 0), BigInteger)


_FIGURES = select(
    func.count().filter(_TAKES_PLACE).label("sessions"),
    func.count().filter(~_TAKES_PLACE).label("cancelled"),
    _sum(CourseSession.seats_taken).label("seats_taken"),
    _sum(CourseSession.capacity_max).label("capacity_max"),
)
_KEYS = {
    By.SESSION: CourseSession.id,
    By.CLASS: CourseSession.group_class_id,
    By.WEEK: CourseSession.start_at,
}
