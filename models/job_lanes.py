"""Which lanes a job waits in, and which lanes have waited too long."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, select, true

from models.booking_job import BookingJob, JobQueue, Priority
from models.lanes import LANES


def lanes_of(db: Connection, job_id: UUID) -> list[int]:
    """The lanes of a job, none when there is no such job."""
    return db.scalar(select(BookingJob.lanes).where(BookingJob.id == job_id)) or []


def overdue_lanes(db: Connection, submitted_before: datetime) -> list[int]:
    """The lanes whose oldest job was submitted before this instant.

    Looks at the head of each lane and each priority only, however long the queue is.
    """
    lane = (
        func.generate_series(0, LANES - 1).table_valued("lane", name="each_lane").render_derived()
    )
    priority = (
        func.generate_series(int(min(Priority)), int(max(Priority)))
        .table_valued("priority", name="each_priority")
        .render_derived()
    )
    head = (
        select(JobQueue.submitted_at)
        .where(JobQueue.lane == lane.c.lane, JobQueue.priority == priority.c.priority)
        .order_by(JobQueue.arrival)
        .limit(1)
        .lateral()
    )
    query = (
        select(lane.c.lane)
        .select_from(lane)
        .join(priority, true())
        .join(head, true())
        .where(head.c.submitted_at < submitted_before)
        .distinct()
        .order_by(lane.c.lane)
    )
    return list(db.scalars(query))
