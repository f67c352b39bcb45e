"""What a request of staff is about, and which lanes it waits in.

The path's ids must exist, else the answer is None. What the body names may not: the worker
refuses that.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from models.booking import Booking
from models.catalog import CourseSession, CourseStepOption, GroupClass
from models.desk import SYSTEM
from models.enrolment import StudentPackage
from models.lanes import LANES, lane_of
from models.submitting import Target


def class_target(db: Connection, group_class_id: int) -> Target | None:
    """For adding a session to this class."""
    if db.scalar(select(GroupClass.id).where(GroupClass.id == group_class_id)) is None:
        return None
    return Target(
        lanes=frozenset({lane_of(group_class_id)}),
        user_id=SYSTEM,
        facts={"group_class_id": group_class_id},
    )


def session_target(db: Connection, session_id: int, taught_by: int | None = None) -> Target | None:
    """For what is done to this session; only to one of that teacher's where one is given."""
    query = select(CourseSession.group_class_id).where(CourseSession.id == session_id)
    if taught_by is not None:
        query = query.join(GroupClass, GroupClass.id == CourseSession.group_class_id).where(
            GroupClass.teacher_id == taught_by
        )
    class_id = db.scalar(query)
    if class_id is None:
        return None
    return Target(lanes=frozenset({lane_of(class_id)}), user_id=SYSTEM, session_id=session_id)


def step_booking_target(db: Connection, body: Mapping[str, Any]) -> Target:
    """For booking a step for its student; all ids are the body's."""
    package_id, option_id = body["package_id"], body["course_step_option_id"]
    owner = select(StudentPackage.user_id).where(StudentPackage.id == package_id)
    return Target(
        lanes=frozenset({_lane_of_option(db, option_id)}),
        user_id=db.scalar(owner) or SYSTEM,
        student_package_id=package_id,
        course_step_id=body["course_step_id"],
    )


def seat_booking_target(db: Connection, body: Mapping[str, Any]) -> Target:
    """For seating somebody without a step; all ids are the body's."""
    session_id = body["session_id"]
    query = select(CourseSession.group_class_id).where(CourseSession.id == session_id)
    return Target(
        lanes=frozenset({lane_of(db.scalar(query))}),
        user_id=body["user_id"],
        session_id=session_id,
    )


def booking_target(db: Connection, booking_id: int, option_id: int | None = None) -> Target | None:
    """For cancelling this booking, or changing it to another option."""
    row = db.execute(
        select(
            Booking.user_id,
            Booking.student_package_id,
            Booking.course_step_id,
            Booking.group_class_id,
        ).where(Booking.id == booking_id)
    ).one_or_none()
    if row is None:
        return None
    lane = lane_of(row.group_class_id) if option_id is None else _lane_of_option(db, option_id)
    return Target(
        lanes=frozenset({lane}),
        user_id=row.user_id,
        student_package_id=row.student_package_id,
        course_step_id=row.course_step_id,
        facts={"booking_id": booking_id},
    )


def cancelled_package_target(db: Connection, package_id: int) -> Target | None:
    """For cancelling this package."""
    owner = db.scalar(select(StudentPackage.user_id).where(StudentPackage.id == package_id))
    if owner is None:
        return None
    return Target(
        lanes=frozenset({package_id % LANES}), user_id=owner, student_package_id=package_id
    )


def _lane_of_option(db: Connection, option_id: int) -> int:
    query = select(CourseStepOption.group_class_id).where(CourseStepOption.id == option_id)
    return lane_of(db.scalar(query))
