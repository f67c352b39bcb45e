"""Queues promotions: one open job a session, which looks at the session's line.

Written in the transaction that frees or adds the seat, so that no seat is ever freed without
its line being looked at.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, exists, insert, or_, select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert

from models.booking_job import BookingJob, JobKind, JobQueue, Priority
from models.catalog import CourseSession, SessionStatus
from models.desk import SYSTEM, Promotion
from models.lanes import lane_of
from models.new_id import new_id
from models.waitlist import WaitlistEntry, WaitlistStatus


@dataclass(frozen=True, slots=True)
class Queued:
    """A job that waits now, as a promotion, for whoever wakes a worker for it."""

    job_id: UUID
    lane: int


def queue_promotions(
    db: Connection, promotions: Collection[Promotion], now: datetime
) -> list[Queued]:
    """Queue a job for each promotion, unless the session's line is to be looked at anyway.

    One that is queued already looks at the whole line: there are more seats than it knew of.
    """
    wanted = {promotion.session.id: promotion for promotion in promotions}
    classes = {id_: promotion.session.group_class_id for id_, promotion in wanted.items()}
    after = {id_: promotion.after for id_, promotion in wanted.items()}
    return _queue(db, classes, after, now)


def queue_promotions_of(
    db: Connection, session_ids: Collection[int], now: datetime
) -> list[Queued]:
    """Queue a job for each of these sessions that has free seats and somebody who waits."""
    waited_for = exists().where(
        WaitlistEntry.status == WaitlistStatus.WAITING,
        WaitlistEntry.group_class_id == CourseSession.group_class_id,
        or_(WaitlistEntry.session_id.is_(None), WaitlistEntry.session_id == CourseSession.id),
    )
    rows = db.execute(
        select(CourseSession.id, CourseSession.group_class_id).where(
            CourseSession.id.in_(session_ids),
            CourseSession.status == SessionStatus.SCHEDULED,
            CourseSession.start_at > now,
            CourseSession.seats_taken < CourseSession.capacity_max,
            waited_for,
        )
    )
    return _queue(db, {row.id: row.group_class_id for row in rows}, {}, now)


def _queue(
    db: Connection, classes: dict[int, int], after: dict[int, int | None], now: datetime
) -> list[Queued]:
    queued = []
    for session_id, class_id in sorted(classes.items()):
        row = _row(session_id, lane_of(class_id), after.get(session_id), now)
        job = db.execute(_INSERT, row).one()
        if job.id == row["id"]:
            queued.append(Queued(job.id, row["lanes"][0]))
            place = {"lane": row["lanes"][0], "arrival": job.arrival, "job_id": job.id}
            db.execute(
                insert(JobQueue).values(priority=Priority.WAITLIST, submitted_at=now, **place)
            )
    return queued


def _row(session_id: int, lane: int, after: int | None, now: datetime) -> dict[str, Any]:
    request = {"session_id": session_id} | ({"after": after} if after is not None else {})
    return {
        "id": new_id(),
        "kind": JobKind.PROMOTE,
        "submitted_by": SYSTEM,
        "user_id": SYSTEM,
        "session_id": session_id,
        "request": request,
        "lanes": [lane],
        "submitted_at": now,
    }


def _insert_or_widen() -> Any:
    row = pg_insert(BookingJob)
    return row.on_conflict_do_update(
        index_elements=["session_id"],
        index_where=text("kind = 'PROMOTE' AND status = 'QUEUED'"),
        set_={"request": row.excluded.request},
    ).returning(BookingJob.id, BookingJob.arrival)


_INSERT = _insert_or_widen()
