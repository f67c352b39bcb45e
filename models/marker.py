"""The marker that tells which jobs a process was deciding when it died.

It is written on a connection of its own, committed while the lane's lock is held on the other
one, and deleted by the decision itself. So whoever takes the lane and still finds a marker of
another process knows that this process died or lost its connection over these very jobs.
(Waiting for the marker to grow old instead would hold the jobs up for longer than a task may
take.) Its own marker tells a process nothing: it lives.
"""

import os
from collections.abc import Collection
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from models.booking_job import DecidingMarker
from models.desk import Job
from models.in_set import in_given


def suspects(db: Connection, lane: int) -> list[UUID]:
    """The jobs over which another process died in this lane; call it holding the lane."""
    given = {"lane": lane, "written_by": _this_process(os.getpid())}
    return db.scalar(_LEFT_BEHIND, given) or []


def marked(db: Connection, lane: int) -> list[UUID]:
    """The jobs that this lane's marker names, whoever wrote it."""
    return db.scalar(select(DecidingMarker.job_ids).where(DecidingMarker.lane == lane)) or []


def mark(engine: Engine, lanes: Collection[int], jobs: Collection[Job]) -> None:
    """Note, for whoever comes after a crash, which jobs of each of these lanes are decided now."""
    written_by = _this_process(os.getpid())
    of_lane = {lane: [job.id for job in jobs if lane in job.lanes] for lane in lanes}
    rows = [
        {"lane": lane, "job_ids": job_ids, "written_by": written_by}
        for lane, job_ids in of_lane.items()
    ]
    with engine.begin() as db:
        db.execute(_MARK, rows)


def unmark(db: Connection, lanes: Collection[int]) -> None:
    """Take the markers away, in the transaction of the decision."""
    db.execute(_UNMARK, {"lanes": list(lanes)})


def unmark_others(engine: Engine, lane: int) -> None:
    """Take away what this process wrote about other lanes, in a round that failed."""
    with engine.begin() as db:
        db.execute(_UNMARK_OTHERS, {"lane": lane, "written_by": _this_process(os.getpid())})


@cache
def _this_process(_pid: int) -> UUID:
    """A name that no other process has, not even a fork of this one."""
    return uuid4()


def _insert_or_replace() -> Any:
    row = insert(DecidingMarker)
    return row.on_conflict_do_update(
        index_elements=["lane"],
        set_={"job_ids": row.excluded.job_ids, "written_by": row.excluded.written_by},
    )


_MARK = _insert_or_replace()
_UNMARK = delete(DecidingMarker).where(in_given(DecidingMarker.lane, "lanes"))
_UNMARK_OTHERS = delete(DecidingMarker).where(
    DecidingMarker.lane != bindparam("lane"), DecidingMarker.written_by == bindparam("written_by")
)
_LEFT_BEHIND = select(DecidingMarker.job_ids).where(
    DecidingMarker.lane == bindparam("lane"), DecidingMarker.written_by != bindparam("written_by")
)
