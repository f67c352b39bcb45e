"""Ends the waits for sessions that have started: nobody is promoted into them any more."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from models.catalog import CourseSession
from models.waitlist import EndReason, WaitlistEntry, WaitlistStatus


def end_passed_waits(db: Connection, now: datetime, limit: int) -> int:
    """End at most `limit` entries whose session has started by `now`; returns how many.

    Leaves alone what a decision holds at this moment. Who waits for any session of a class goes
    on waiting: another one may be added.
    """
    passed = (
        select(WaitlistEntry.id)
        .join(CourseSession, CourseSession.id == WaitlistEntry.session_id)
        .where(WaitlistEntry.status == WaitlistStatus.WAITING, CourseSession.start_at <= now)
        .limit(limit)
        .with_for_update(of=WaitlistEntry, skip_locked=True)
        .cte("passed")
    )
    ended = db.execute(
        update(WaitlistEntry)
        .where(WaitlistEntry.id == passed.c.id)
        .values(
            status=WaitlistStatus.ENDED,
            end_reason=EndReason.SESSION_PASSED,
            ended_at=now,
        )
    )
    return ended.rowcount
