"""The marker that tells which jobs a process was deciding when it died.

It is written on a connection of its own, committed while the lane's lock is held on the other
one, and deleted by the decision itself. So whoever takes the lane and still finds a marker
knows that the one who wrote it died or lost its connection over these very jobs. (Waiting for
the marker to grow old instead would hold the jobs up for longer than a task may take.)
"""

from uuid import UUID

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects.postgresql import insert

from models.booking_job import DecidingMarker


def suspects(db: Connection, lane: int) -> list[UUID]:
    """The jobs over which an earlier decider of this lane died; call it holding the lane."""
    return db.scalar(select(DecidingMarker.job_ids).where(DecidingMarker.lane == lane)) or []


def mark(engine: Engine, lane: int, job_ids: list[UUID]) -> None:
    """Note, for whoever comes after a crash, that these jobs are being decided now."""
    with engine.begin() as db:
        row = insert(DecidingMarker).values(lane=lane, job_ids=job_ids)
        db.execute(
            row.on_conflict_do_update(
                index_elements=["lane"], set_={"job_ids": row.excluded.job_ids}
            )
        )


def unmark(db: Connection, lane: int) -> None:
    """Take the marker away, in the transaction of the decision."""
    db.execute(delete(DecidingMarker).where(DecidingMarker.lane == lane))
