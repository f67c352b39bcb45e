"""Decision time: how long it took from a request's acceptance to its decision."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ARRAY, Connection, Double, func, literal, select

from models.analytics.reading import read_report
from models.analytics.report import By, Report
from models.analytics.span import Span
from models.booking_job import BookingJob, JobKind, JobStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTimes:
    """How many requests were decided, and in which time half, 95 and 99 % of them and all were."""

    decided: int = 0
    p50: timedelta | None = None
    p95: timedelta | None = None
    p99: timedelta | None = None
    longest: timedelta | None = None


def read_decision_times(
    db: Connection, span: Span, by: By = By.DAY
) -> Report[DecisionTimes, DecisionTimes]:
    """How long the decisions that fell in the span took, by day or by kind of job.

    Of what people asked for; of jobs that were withdrawn nobody decided anything. Jobs that were
    purged since are not known any more.
    """
    figures = _FIGURES.where(span.covers(BookingJob.decided_at))
    return read_report(db, span, by, figures=figures, keys=_KEYS, make=_decision_times)


def _decision_times(
    decided: int = 0, seconds: list[float] | None = None, longest: float | None = None
) -> DecisionTimes:
    if seconds is None or longest is None:
        return DecisionTimes(decided=decided)
    p50, p95, p99 = (timedelta(seconds=one) for one in seconds)
    return DecisionTimes(
        decided=decided, p50=p50, p95=p95, p99=p99, longest=timedelta(seconds=longest)
    )


_SHARES: Any = literal([0.5, 0.95, 0.99], ARRAY(Double))
# the clocks of the machine that accepted and of the one that decided may differ by a little
_SECONDS = func.greatest(
    func.date_part("epoch", BookingJob.decided_at - BookingJob.submitted_at, type_=Double), 0.0
)
_FIGURES = select(
    func.count().label("decided"),
    func.percentile_disc(_SHARES).within_group(_SECONDS).label("seconds"),
    func.max(_SECONDS).label("longest"),
).where(
    BookingJob.status.in_([JobStatus.SUCCEEDED, JobStatus.REFUSED, JobStatus.FAILED]),
    BookingJob.kind != JobKind.PROMOTE,
)
_KEYS = {By.DAY: BookingJob.decided_at, By.KIND: BookingJob.kind}
