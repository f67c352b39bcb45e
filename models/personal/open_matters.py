"""What somebody still has to come: it is given back before they are erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, exists, or_, select

from models.booking import Booking, BookingStatus
from models.booking_job import BookingJob, JobStatus
from models.catalog import CourseSession, GroupClass, SessionStatus
from models.enrolment import PackageStatus, StudentPackage
from models.personal.holdings import PERSON


class CannotBeErased(Exception):  # noqa: N818 - a state of the data
    """Why not, and what has to be done first: a sentence for who runs the product."""


@dataclass(frozen=True, slots=True)
class OpenMatters:
    """The packages that can be used, the coming seats of no such package, what isn't decided."""

    packages: Sequence[int]
    bookings: Sequence[int]
    jobs: Sequence[UUID]

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.packages or self.bookings or self.jobs)


def open_matters(db: Connection, user_id: int, now: datetime) -> OpenMatters:
    """What this person has to come at `now`."""
    given = {"person": user_id, "now": now}
    return OpenMatters(
        db.scalars(_PACKAGES, given).all(),
        db.scalars(_BOOKINGS, given).all(),
        db.scalars(_JOBS, given).all(),
    )


def refuse_who_teaches(db: Connection, user_id: int, now: datetime) -> None:
    """Raise CannotBeErased while this person is the teacher of sessions to come."""
    classes = db.scalars(_TAUGHT, {"person": user_id, "now": now}).all()
    if classes:
        listed = ", ".join(str(id_) for id_ in classes)
        raise CannotBeErased(
            f"User {user_id} teaches sessions to come, of group class {listed}:"
            " give them to another teacher first (import-catalog, teacherId), or cancel them"
        )


_PACKAGES = (
    select(StudentPackage.id)
    .where(StudentPackage.user_id == PERSON, StudentPackage.status == PackageStatus.ACTIVE)
    .order_by(StudentPackage.id)
)
_BOOKINGS: Any = (
    select(Booking.id)
    .join(CourseSession, CourseSession.id == Booking.session_id)
    .outerjoin(StudentPackage, StudentPackage.id == Booking.student_package_id)
    .where(
        Booking.user_id == PERSON,
        Booking.status == BookingStatus.CONFIRMED,
        CourseSession.start_at > bindparam("now"),
        or_(StudentPackage.id.is_(None), StudentPackage.status != PackageStatus.ACTIVE),
    )
    .order_by(Booking.id)
)
_JOBS = (
    select(BookingJob.id)
    .where(
        or_(BookingJob.user_id == PERSON, BookingJob.submitted_by == PERSON),
        # in words that no index of what is queued answers: see STILL_QUEUED
        BookingJob.status.concat("") == JobStatus.QUEUED,
    )
    .order_by(BookingJob.arrival)
)
_TAUGHT = (
    select(GroupClass.id)
    .where(
        GroupClass.teacher_id == PERSON,
        exists().where(
            and_(
                CourseSession.group_class_id == GroupClass.id,
                CourseSession.status == SessionStatus.SCHEDULED,
                CourseSession.end_at > bindparam("now"),
            )
        ),
    )
    .order_by(GroupClass.id)
)
