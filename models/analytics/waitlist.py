"""Waitlists: what became of those who joined one."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, func, select

from models.analytics.reading import read_report
from models.analytics.report import By, Report, share
from models.analytics.span import Span
from models.waitlist import EndReason, WaitlistEntry, WaitlistStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Places in line, by how they stand today; all but `joined` and the median add up to it."""

    joined: int = 0
    promoted: int = 0
    left: int = 0
    expired: int = 0
    seated_elsewhere: int = 0
    session_cancelled: int = 0
    package_cancelled: int = 0
    waiting: int = 0
    median_wait: timedelta | None = None
    """How long those who were promoted had waited."""

    @property
    def conversion_rate(self) -> float | None:
        """The share of those who joined that was promoted; None where nobody joined."""
        return share(self.promoted, self.joined)


def read_waitlist(db: Connection, span: Span, by: By = By.WEEK) -> Report[Waits, Waits]:
    """What became of the entries that were made in the span, by class or week of joining."""
    figures = _FIGURES.where(span.covers(WaitlistEntry.joined_at))
    return read_report(db, span, by, figures=figures, keys=_KEYS, make=Waits)


_PROMOTED = WaitlistEntry.status == WaitlistStatus.PROMOTED
_FIGURES = select(
    func.count().label("joined"),
    func.count().filter(_PROMOTED).label("promoted"),
    func.count().filter(WaitlistEntry.status == WaitlistStatus.LEFT).label("left"),
    func.count().filter(WaitlistEntry.end_reason == EndReason.SESSION_PASSED).label("expired"),
    func.count()
    .filter(WaitlistEntry.end_reason == EndReason.SEATED_ELSEWHERE)
    .label("seated_elsewhere"),
    func.count()
    .filter(WaitlistEntry.end_reason == EndReason.SESSION_CANCELLED)
    .label("session_cancelled"),
    func.count()
    .filter(WaitlistEntry.end_reason == EndReason.PACKAGE_CANCELLED)
    .label("package_cancelled"),
    func.count().filter(WaitlistEntry.status == WaitlistStatus.WAITING).label("waiting"),
    func.percentile_cont(0.5)
    .within_group(WaitlistEntry.ended_at - WaitlistEntry.joined_at)
    .filter(_PROMOTED)
    .label("median_wait"),
)
_KEYS = {By.CLASS: WaitlistEntry.group_class_id, By.WEEK: WaitlistEntry.joined_at}
