"""Sessions for staff: each with its class, its teacher, its seats, and how many wait for one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, Select, cast, func, or_, select, tuple_

from models.catalog import CourseSession, GroupClass
from models.people import UserAccount
from models.waitlist import WaitlistEntry, WaitlistStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFilter:
    """Which sessions are wanted: those that start in `[starts_from, starts_before)`."""

    starts_from: datetime | None = None
    starts_before: datetime | None = None
    group_class_id: int | None = None
    status: str | None = None
    taught_by: int | None = None


def list_sessions(
    db: Connection, wanted: SessionFilter, *, after: tuple[datetime, int] | None, limit: int
) -> list[Row[Any]]:
    """The sessions by start and id, from behind that place in the list."""
    query = select(CourseSession).where(*_conditions(wanted))
    if after is not None:
        query = query.where(tuple_(CourseSession.start_at, CourseSession.id) > after)
    query = query.order_by(CourseSession.start_at, CourseSession.id).limit(limit)
    return list(db.execute(_described(query)))


def find_session(db: Connection, session_id: int, *, taught_by: int | None) -> Row[Any] | None:
    """This session, or None; with `taught_by`, None too unless it is that teacher's."""
    query = select(CourseSession).where(CourseSession.id == session_id)
    if taught_by is not None:
        query = query.join(GroupClass).where(GroupClass.teacher_id == taught_by)
    return db.execute(_described(query)).one_or_none()


def find_sessions(db: Connection, session_ids: Iterable[int]) -> dict[int, Row[Any]]:
    """Those of these few sessions that there are, by id."""
    query = select(CourseSession).where(CourseSession.id.in_(set(session_ids)))
    return {session.id: session for session in db.execute(_described(query))}


def _conditions(wanted: SessionFilter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.starts_from is not None:
        conditions.append(CourseSession.start_at >= wanted.starts_from)
    if wanted.starts_before is not None:
        conditions.append(CourseSession.start_at < wanted.starts_before)
    if wanted.group_class_id is not None:
        conditions.append(CourseSession.group_class_id == wanted.group_class_id)
    if wanted.status is not None:
        conditions.append(CourseSession.status == wanted.status)
    if wanted.taught_by is not None:
        taught = select(GroupClass.id).where(GroupClass.teacher_id == wanted.taught_by)
        conditions.append(CourseSession.group_class_id.in_(taught))
    return conditions


def _described(query: Select[Any]) -> Select[Any]:
    """Add to a few sessions what staff see of them; the lines of their classes are read once."""
    found = query.cte("found")
    line = (
        select(
            WaitlistEntry.group_class_id,
            WaitlistEntry.session_id,
            func.count().label("length"),
        )
        .where(
            WaitlistEntry.status == WaitlistStatus.WAITING,
            WaitlistEntry.group_class_id.in_(select(found.c.group_class_id)),
        )
        .group_by(WaitlistEntry.group_class_id, WaitlistEntry.session_id)
        .cte("line")
        # or else it is read again for each session of the class
        .prefix_with("MATERIALIZED")
    )
    waiting = (
        select(cast(func.coalesce(func.sum(line.c.length), 0), BigInteger))
        .where(
            line.c.group_class_id == found.c.group_class_id,
            or_(line.c.session_id.is_(None), line.c.session_id == found.c.id),
        )
        .scalar_subquery()
    )
    return (
        select(
            found,
            GroupClass.name.label("group_class_name"),
            GroupClass.teacher_id,
            GroupClass.time_zone,
            UserAccount.name.label("teacher_name"),
            waiting.label("waiting"),
        )
        .join(GroupClass, GroupClass.id == found.c.group_class_id)
        .join(UserAccount, UserAccount.id == GroupClass.teacher_id)
        .order_by(found.c.start_at, found.c.id)
    )
