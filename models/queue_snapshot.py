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

RATE_WINDOW = timedelta(seconds=3)
SHORTEST = timedelta(seconds=1)
"""What a speed is measured over at least, so that one batch doesn't look like a rush."""
SLOWEST = 100.0
"""Jobs a second to reckon with while there is nothing to measure by: what a single process decides
even of small batches. Who is told too short a time asks once more; who is told too long a time
waits for nothing."""


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
        """The whole seconds until a job at this position is decided, as things go.

        Lanes are served in turns: until then as many of every other lane are decided.
        """
        ahead = sum(min(len(arrivals), position) for arrivals in self.arrivals.values())
        return round(ahead / self.per_second)


def snapshot_queue(db: Connection, now: datetime) -> QueueSnapshot:
    """Read the queue as it stands; the cost grows with its length, which is bounded."""
    arrivals = {}
    oldest = None
    for row in db.execute(_LANES):
        arrivals[row.lane] = row.arrivals
        oldest = row.oldest if oldest is None else min(oldest, row.oldest)
    return QueueSnapshot(arrivals, oldest, max(_measured(db, now), SLOWEST))


def _measured(db: Connection, now: datetime) -> float:
    """Jobs decided a second of late, since the first of them: a rush may just have begun."""
    recently = select(func.count().label("decided"), func.min(BookingJob.decided_at).label("since"))
    row = db.execute(recently.where(BookingJob.decided_at > now - RATE_WINDOW)).one()
    return float(row.decided / max(now - (row.since or now), SHORTEST).total_seconds())


_LANES = select(
    JobQueue.lane,
    func.array_agg(aggregate_order_by(JobQueue.arrival, JobQueue.arrival)).label("arrivals"),
    func.min(JobQueue.submitted_at).label("oldest"),
).group_by(JobQueue.lane)
