"""Reads onto the desk what jobs are judged by; takes no locks."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, and_, or_, select, tuple_

from models.booking import Booking
from models.catalog import (
    CourseProgram,
    CourseSession,
    CourseStep,
    CourseStepOption,
    GroupClass,
    SessionStatus,
)
from models.desk import Desk, Held, Option, Step
from models.enrolment import (
    CourseCohort,
    CourseCohortSession,
    StudentCourseStepProgress,
    StudentPackage,
)


def read_options(db: Connection, option_ids: Collection[int]) -> dict[int, Option]:
    """The options with these ids, by id."""
    rows = db.execute(
        select(
            CourseStepOption.id,
            CourseStepOption.course_step_id,
            CourseStepOption.group_class_id,
            CourseStepOption.is_active,
        ).where(CourseStepOption.id.in_(option_ids))
    )
    return {row.id: Option(*row) for row in rows}


def read_steps(db: Connection, desk: Desk, wanted: Iterable[tuple[int, int]]) -> None:
    """Read these steps, pairs of package and step, and the pins of their cohorts."""
    for row in db.execute(_STEPS.where(_PACKAGE_AND_STEP.in_(set(wanted)))):
        step = Step(*row)  # type: ignore[call-arg]  # only the first ten columns are typed
        desk.steps[step.student_package_id, step.course_step_id] = step
    _read_pins(db, desk, {step.course_cohort_id for step in desk.steps.values()})


def read_held(
    db: Connection, desk: Desk, user_ids: Collection[int], package_ids: Collection[int]
) -> None:
    """Read the seats that these students hold: those that haven't ended, and these packages'."""
    still_matters = or_(
        CourseSession.end_at > desk.now, Booking.student_package_id.in_(package_ids)
    )
    query = _HELD.where(Booking.user_id.in_(user_ids), Booking.holds_seat, still_matters)
    for row in db.execute(query):
        desk.held_by(row.user_id).append(Held(*row))


def _read_pins(db: Connection, desk: Desk, cohort_ids: Collection[int]) -> None:
    """Read the pins that count: to a session of the option's class that is still to come."""
    pins = _PINS.where(
        CourseCohortSession.course_cohort_id.in_(cohort_ids), CourseSession.start_at > desk.now
    )
    for row in db.execute(pins):
        desk.pins[row.course_cohort_id, row.course_step_option_id] = row.session_id


_PACKAGE_AND_STEP = tuple_(
    StudentCourseStepProgress.student_package_id, StudentCourseStepProgress.course_step_id
)
_STEPS = (
    select(
        StudentCourseStepProgress.id,
        StudentCourseStepProgress.status,
        StudentCourseStepProgress.course_step_id,
        CourseStep.label,
        CourseStep.step_order,
        StudentCourseStepProgress.student_package_id,
        StudentPackage.user_id,
        StudentPackage.package_name,
        StudentPackage.status,
        StudentPackage.expires_at,
        StudentPackage.course_cohort_id,
        CourseProgram.ordered,
        CourseProgram.booking_opens_at,
        CourseProgram.change_window_hours,
        CourseProgram.cancel_window_hours,
    )
    .join(StudentPackage, StudentPackage.id == StudentCourseStepProgress.student_package_id)
    .join(CourseCohort, CourseCohort.id == StudentPackage.course_cohort_id)
    .join(CourseProgram, CourseProgram.id == CourseCohort.course_program_id)
    .join(CourseStep, CourseStep.id == StudentCourseStepProgress.course_step_id)
)
_PINS = (
    select(
        CourseCohortSession.course_cohort_id,
        CourseCohortSession.course_step_option_id,
        CourseCohortSession.session_id,
    )
    .join(CourseStepOption, CourseStepOption.id == CourseCohortSession.course_step_option_id)
    .join(
        CourseSession,
        and_(
            CourseSession.id == CourseCohortSession.session_id,
            CourseSession.group_class_id == CourseStepOption.group_class_id,
        ),
    )
    .where(CourseSession.status == SessionStatus.SCHEDULED)
)
_HELD = (
    select(
        Booking.user_id,
        Booking.session_id,
        GroupClass.name,
        CourseSession.start_at,
        CourseSession.end_at,
        Booking.student_package_id,
        CourseStep.step_order,
    )
    .join(CourseSession, CourseSession.id == Booking.session_id)
    .join(GroupClass, GroupClass.id == CourseSession.group_class_id)
    .outerjoin(CourseStep, CourseStep.id == Booking.course_step_id)
)
