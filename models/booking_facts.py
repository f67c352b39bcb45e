"""What letters and calendar entries tell of a booking: whose it is, what, when, where, until when.

Read by one statement for both, so that a letter and the entry it carries never disagree.
"""

from typing import Any

from sqlalchemy import Connection, and_, bindparam, select
from sqlalchemy.orm import aliased

from models.booking import Booking, BookingStatus
from models.catalog import CourseProgram, CourseSession, CourseStep, GroupClass
from models.enrolment import StudentCourseStepProgress
from models.installation import Installation
from models.people import UserAccount
from models.policy import Policy
from models.until import Until, until_of

Facts = Any
"""A row of `BOOKING_FACTS`, by its columns' names."""


def read_booking(db: Connection, booking_id: int) -> Facts | None:
    """The facts of this booking, or None when there is no such booking.

    `is_replaced` says that it was given up and that its step has another seat by now.
    """
    return db.execute(_OF_BOOKING, {"id": booking_id}).one_or_none()


def students_until(facts: Facts, policy: Policy) -> Until | None:
    """Until when the student can change and cancel the seat, as the rules judge it.

    None where that isn't the student's to do: staff gave a seat without a step, and one that was
    given up or attended stays as it is.
    """
    if facts.course_step_id is None or facts.status != BookingStatus.CONFIRMED:
        return None
    return until_of(policy, facts, facts)


TEACHER = aliased(UserAccount)
WHOM_AND_WHAT = (
    CourseProgram.title.label("program_title"),
    CourseStep.label.label("step_label"),
    CourseStep.title.label("step_title"),
    GroupClass.name.label("group_class_name"),
    TEACHER.name.label("teacher_name"),
    GroupClass.time_zone.label("venue_time_zone"),
    CourseSession.start_at,
    CourseSession.end_at,
    UserAccount.name,
    UserAccount.email,
    UserAccount.time_zone,
    UserAccount.locale,
)
"""The columns of all that is told of a seat, or of a wait for one; `TEACHER` is the class's."""
BOOKING_FACTS = (
    select(
        select(Installation.id).scalar_subquery().label("installation_id"),
        Booking.id,
        Booking.student_package_id,
        Booking.course_step_id,
        Booking.status,
        Booking.calendar_sequence.label("sequence"),
        Booking.created_at,
        Booking.cancelled_at,
        Booking.cancel_reason.label("reason"),
        Booking.change_until,
        Booking.cancel_until,
        CourseProgram.change_window_hours,
        CourseProgram.cancel_window_hours,
        *WHOM_AND_WHAT,
    )
    .select_from(Booking)
    .join(UserAccount, UserAccount.id == Booking.user_id)
    .join(CourseSession, CourseSession.id == Booking.session_id)
    .join(GroupClass, GroupClass.id == Booking.group_class_id)
    .join(TEACHER, TEACHER.id == GroupClass.teacher_id)
    .outerjoin(CourseStep, CourseStep.id == Booking.course_step_id)
    .outerjoin(CourseProgram, CourseProgram.id == CourseStep.course_program_id)
)
_OF_BOOKING = (
    BOOKING_FACTS.add_columns(
        and_(~Booking.holds_seat, StudentCourseStepProgress.booking_id.is_not(None)).label(
            "is_replaced"
        )
    )
    .outerjoin(
        StudentCourseStepProgress,
        and_(
            StudentCourseStepProgress.student_package_id == Booking.student_package_id,
            StudentCourseStepProgress.course_step_id == Booking.course_step_id,
        ),
    )
    .where(Booking.id == bindparam("id"))
)
