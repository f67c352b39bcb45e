"""What a student's request is about: whether it is theirs, and which lanes it waits in.

A job waits in the lanes of the classes in which it may take a seat. One that takes none waits
where it frees one. What the body names may not exist: the worker refuses that.
"""

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, func, select

from models.booking import Booking
from models.catalog import CourseStepOption
from models.enrolment import ProgressStatus, StudentCourseStepProgress, StudentPackage
from models.lanes import LANES, lane_of
from models.submitting import Target
from models.waitlist import WaitlistEntry, WaitlistStatus


def step_target(
    db: Connection, user_id: int, package_id: int, step_id: int, option_id: int
) -> Target | None:
    """For booking, changing to or waiting for this option; None when the step isn't theirs."""
    ids = _ids(user_id, package_id, step_id) | {"option_id": option_id}
    row = db.execute(_STEP_AND_CLASS, ids).one_or_none()
    if row is None:
        return None
    return _step(user_id, package_id, step_id, {lane_of(row.group_class_id)})


def seat_target(db: Connection, user_id: int, package_id: int, step_id: int) -> Target | None:
    """For cancelling the step's booking; None when the step isn't theirs."""
    row = db.execute(_STEP_AND_SEAT, _ids(user_id, package_id, step_id)).one_or_none()
    if row is None:
        return None
    return _step(user_id, package_id, step_id, {lane_of(row.group_class_id or package_id)})


def waiting_target(db: Connection, user_id: int, package_id: int, step_id: int) -> Target | None:
    """For leaving every line that the step stands in; None when the step isn't theirs."""
    if db.execute(_OWN_STEP, _ids(user_id, package_id, step_id)).one_or_none() is None:
        return None
    classes = db.scalars(
        select(WaitlistEntry.group_class_id).where(
            WaitlistEntry.student_package_id == package_id,
            WaitlistEntry.course_step_id == step_id,
            WaitlistEntry.status == WaitlistStatus.WAITING,
        )
    )
    lanes = {lane_of(class_id) for class_id in classes} or {package_id % LANES}
    return _step(user_id, package_id, step_id, lanes)


def package_target(
    db: Connection, user_id: int, package_id: int, option_ids: Collection[int]
) -> Target | None:
    """For booking many steps of a package at once; None when the package isn't theirs.

    The lanes are those of the options that were chosen, and of the steps without a choice.
    """
    owner = select(StudentPackage.id).where(
        StudentPackage.id == package_id, StudentPackage.user_id == user_id
    )
    if db.scalar(owner) is None:
        return None
    chosen = select(CourseStepOption.group_class_id).where(CourseStepOption.id.in_(option_ids))
    only_choice = (
        select(func.min(CourseStepOption.group_class_id))
        .join(
            StudentCourseStepProgress,
            StudentCourseStepProgress.course_step_id == CourseStepOption.course_step_id,
        )
        .where(
            StudentCourseStepProgress.student_package_id == package_id,
            StudentCourseStepProgress.status == ProgressStatus.UNBOOKED,
            CourseStepOption.is_active,
        )
        .group_by(CourseStepOption.course_step_id)
        .having(func.count() == 1)
    )
    lanes = {lane_of(id_) for id_ in [*db.scalars(chosen), *db.scalars(only_choice)]}
    return Target(
        lanes=frozenset(lanes or {package_id % LANES}),
        user_id=user_id,
        student_package_id=package_id,
    )


def _ids(user_id: int, package_id: int, step_id: int) -> dict[str, int]:
    return {"user_id": user_id, "package_id": package_id, "step_id": step_id}


def _step(user_id: int, package_id: int, step_id: int, lanes: set[int]) -> Target:
    return Target(
        lanes=frozenset(lanes),
        user_id=user_id,
        student_package_id=package_id,
        course_step_id=step_id,
    )


# made once: of an execution's cost, more than half is making the statement (measured)
_OWN_STEP = (
    select(StudentCourseStepProgress.id)
    .join(StudentPackage, StudentPackage.id == StudentCourseStepProgress.student_package_id)
    .where(
        StudentPackage.user_id == bindparam("user_id"),
        StudentPackage.id == bindparam("package_id"),
        StudentCourseStepProgress.course_step_id == bindparam("step_id"),
    )
)
_STEP_AND_CLASS = _OWN_STEP.add_columns(
    select(CourseStepOption.group_class_id)
    .where(CourseStepOption.id == bindparam("option_id"))
    .scalar_subquery()
    .label("group_class_id")
)
_STEP_AND_SEAT = _OWN_STEP.add_columns(Booking.group_class_id).outerjoin(
    Booking, Booking.id == StudentCourseStepProgress.booking_id
)
