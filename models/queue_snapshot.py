"""The queue as it stood a moment ago: who is ahead of whom, and how fast it moves.

Taken at most once a second in each process, so that thousands of polls cost one query.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from models.booking_job import BookingJob, JobQueue

RATE_WINDOW = timedelta(seconds=10)
SLOWEST = 20.0
"""Jobs a second to reckon with while there is nothing to measure by."""


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """Arrival numbers by lane in the order of deciding, the oldest submit, and the speed."""

    arrivals: dict[int, list[int]] = field(default_factory=dict)
    oldest: datetime | None = None
    per_second: float = SLOWEST

    @property
    def length(self) -> int:
        """How many jobs were queued; one in two lanes counts twice."""
        return sum(map(len, self.arrivals.values()))

    def add(self, lanes: Sequence[int], arrival: int) -> None:
        """Count in a job that was accepted since."""
        for lane in lanes:
            known = self.arrivals.setdefault(lane, [])
            place = bisect_left(known, arrival)
            if known[place : place + 1] != [arrival]:
                known.insert(place, arrival)

    def position(self, lanes: Sequence[int], arrival: int) -> int:
        """How many jobs are ahead of this one in the fullest of its lanes."""
        return max((bisect_left(self.arrivals.get(lane, []), arrival) for lane in lanes), default=0)

    def seconds(self, position: int) -> int:
        """The whole seconds until a job at this position is decided, as things go."""
        return round(position / self.per_second)


def snapshot_queue(db: Connection, now: datetime) -> QueueSnapshot:
    """Read the queue as it stands; the cost grows with its length, which is bounded."""
    arrivals = {}
    oldest = None
    for row in db.execute(_LANES):
        arrivals[row.lane] = row.arrivals
        oldest = row.oldest if oldest is None else min(oldest, row.oldest)
    recently = db.scalar(select(func.count()).where(BookingJob.decided_at > now - RATE_WINDOW))
    measured = (recently or 0) / RATE_WINDOW.total_seconds()
    return QueueSnapshot(arrivals, oldest, max(measured, SLOWEST))


_LANES = select(
    JobQueue.lane,
    func.array_agg(aggregate_order_by(JobQueue.arrival, JobQueue.arrival)).label("arrivals"),
    func.min(JobQueue.submitted_at).label("oldest"),
).group_by(JobQueue.lane)
