"""What a student's packages wait for at the moment, step by step."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from models.catalog import CourseSession, GroupClass, SessionStatus
from models.waitlist import WaitlistEntry, WaitlistStatus
from models.waitlist_positions import position

PackageStep = tuple[int, int]


def waiting_entries(
    db: Connection, package_ids: Collection[int], now: datetime
) -> dict[PackageStep, list[dict[str, Any]]]:
    """The waiting entries of each package and step, in the order of joining; one query.

    Without those for a session that isn't to come any more.
    """
    found: dict[PackageStep, list[dict[str, Any]]] = {}
    to_come = and_(CourseSession.status == SessionStatus.SCHEDULED, CourseSession.start_at > now)
    query = _WAITING.where(
        WaitlistEntry.student_package_id.in_(package_ids),
        or_(WaitlistEntry.session_id.is_(None), to_come),
    )
    for package_id, step_id, *entry in db.execute(query):
        found.setdefault((package_id, step_id), []).append(dict(zip(_FIELDS, entry, strict=True)))
    return found


_FIELDS = (
    "id",
    "course_step_option_id",
    "session_id",
    "position",
    "joined_at",
    "group_class_name",
    "time_zone",
    "start_at",
    "end_at",
)
_WAITING = (
    select(
        WaitlistEntry.student_package_id,
        WaitlistEntry.course_step_id,
        WaitlistEntry.id,
        WaitlistEntry.course_step_option_id,
        WaitlistEntry.session_id,
        position(),
        WaitlistEntry.joined_at,
        GroupClass.name,
        GroupClass.time_zone,
        CourseSession.start_at,
        CourseSession.end_at,
    )
    .join(GroupClass, GroupClass.id == WaitlistEntry.group_class_id)
    .outerjoin(CourseSession, CourseSession.id == WaitlistEntry.session_id)
    .where(WaitlistEntry.status == WaitlistStatus.WAITING)
    .order_by(WaitlistEntry.id)
)
