"""No-shows: who had a seat and didn't come, as teachers have marked it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from models.analytics.reading import read_report
from models.analytics.report import By, Report, share
from models.analytics.span import Span
from models.booking import Booking, BookingStatus
from models.catalog import CourseSession, SessionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class NoShows:
    """Seats of sessions: marked as attended or missed, or not marked although it is over."""

    attended: int = 0
    missed: int = 0
    unmarked: int = 0

    @property
    def no_show_rate(self) -> float | None:
        """The share of the marked seats whose student didn't come; None where none is marked."""
        return share(self.missed, self.attended + self.missed)


def read_no_shows(
    db: Connection,
    span: Span,
    by: By = By.WEEK,
    *,
    now: datetime,
    group_class_id: int | None = None,
) -> Report[NoShows, NoShows]:
    """What became of the seats of the sessions that start in the span, by class or week.

    Of one class if it is given. What isn't over by `now` needs no mark yet; cancelled sessions
    don't count.
    """
    ended = and_(Booking.status == BookingStatus.CONFIRMED, CourseSession.end_at <= now)
    figures = _FIGURES.add_columns(func.count().filter(ended).label("unmarked")).where(
        span.covers(CourseSession.start_at)
    )
    if group_class_id is not None:
        figures = figures.where(CourseSession.group_class_id == group_class_id)
    return read_report(db, span, by, figures=figures, keys=_KEYS, make=NoShows)


_FIGURES = (
    select(
        func.count().filter(Booking.status == BookingStatus.ATTENDED).label("attended"),
        func.count().filter(Booking.status == BookingStatus.NO_SHOW).label("missed"),
    )
    .select_from(CourseSession)
    .join(Booking, Booking.session_id == CourseSession.id)
    .where(CourseSession.status == SessionStatus.SCHEDULED)
)
_KEYS = {By.CLASS: CourseSession.group_class_id, By.WEEK: CourseSession.start_at}
