"""A student's packages as they see them: each step, its progress, booking and session."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.orm import aliased

from models.booking import Booking
from models.catalog import CourseProgram, CourseSession, CourseStep, CourseStepOption, GroupClass
from models.desk import Desk
from models.desk_reading import read_held, read_steps
from models.enrolment import (
    CourseCohort,
    ProgressStatus,
    StudentCourseStepProgress,
    StudentPackage,
)
from models.offers import Offer, mark_defaults, offers_of_steps
from models.people import UserAccount
from models.policy import Policy
from models.until import until_of
from models.waiting_entries import waiting_entries
from models.wish import Wish

OFFERS_A_STEP = 50


def enrolments(db: Connection, user_id: int, now: datetime, policy: Policy) -> list[dict[str, Any]]:
    """The packages of this student, each with its steps in order and what those wait for.

    Two queries, however many packages there are.
    """
    listed: dict[int, dict[str, Any]] = {}
    for row in db.execute(_STEPS.where(StudentPackage.user_id == user_id)):
        package = listed.setdefault(row.package_id, _package(row))
        # a program may still be without steps
        if row.step_id is not None:
            package["steps"].append(_step(row, policy))
    waiting = waiting_entries(db, listed, now)
    for package_id, package in listed.items():
        for step in package["steps"]:
            step["waitlist"] = waiting.get((package_id, step["step_id"]), [])
    return list(listed.values())


def owns_package(db: Connection, user_id: int, package_id: int) -> bool:
    """Whether this package is this student's."""
    query = select(StudentPackage.id).where(
        StudentPackage.id == package_id, StudentPackage.user_id == user_id
    )
    return db.scalar(query) is not None


def unbooked_steps(
    db: Connection, user_id: int, package_id: int, now: datetime, policy: Policy
) -> list[dict[str, Any]]:
    """The steps of a package that wait for a booking, with what each can be booked into.

    A step with one of its `active_options` only is booked by a bulk booking without being chosen.
    """
    steps = db.execute(
        _UNBOOKED.where(StudentPackage.id == package_id, StudentPackage.user_id == user_id)
    ).all()
    step_ids = [step.step_id for step in steps]
    offers = offers_of_steps(db, step_ids, now, policy, per_option=OFFERS_A_STEP)
    desk = Desk(now=now, policy=policy)
    read_steps(db, desk, ((package_id, step_id) for step_id in step_ids))
    read_held(db, desk, [user_id], [package_id])
    return [
        step._asdict() | {"options": _options(offers.get(step.step_id, []), desk, package_id)}
        for step in steps
    ]


def _options(offers: list[Offer], desk: Desk, package_id: int) -> list[Offer]:
    if not offers:
        return []
    step = desk.steps[package_id, offers[0].course_step_id]
    wish = Wish(step=step, option_id=0, session_id=None, asked_at=desk.now)
    return mark_defaults(offers, desk, wish)[:OFFERS_A_STEP]


def _package(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    return {
        "package_id": row.package_id,
        "package_name": row.package_name,
        "status": row.package_status,
        "expires_at": row.expires_at,
        "program": {
            "id": row.program_id,
            "title": row.program_title,
            "booking_opens_at": row.booking_opens_at,
        },
        "steps": [],
    }


def _step(row: Any, policy: Policy) -> dict[str, Any]:
    booked = row.booking_id is not None
    return {
        "step_id": row.step_id,
        "step_label": row.step_label,
        "step_title": row.step_title,
        "step_order": row.step_order,
        "is_required": row.is_required,
        "progress": {
            "id": row.progress_id,
            "course_step_id": row.step_id,
            "status": row.progress_status,
            "booking_id": row.booking_id,
            "booked_at": row.booked_at,
        },
        "booking": _booking(row, policy) if booked else None,
        "session": _session(row) if booked else None,
    }


def _booking(row: Any, policy: Policy) -> dict[str, Any]:
    until = until_of(policy, row, row)
    return {
        "id": row.booking_id,
        "session_id": row.session_id,
        "status": row.booking_status,
        "booking_type": row.booking_type,
        "created_at": row.created_at,
        "course_step_id": row.step_id,
        "student_package_id": row.package_id,
        "metadata": row.booking_metadata,
        "payment_status": row.payment_status,
        "change_until": until.change,
        "cancel_until": until.cancel,
    }


def _session(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    return {
        "id": row.session_id,
        "group_class_id": row.group_class_id,
        "group_class_name": row.group_class_name,
        "teacher_name": row.teacher_name,
        "start_at": row.start_at,
        "end_at": row.end_at,
        "time_zone": row.time_zone,
        "status": row.session_status,
    }


_teacher = aliased(UserAccount)
_STEPS = (
    select(
        StudentPackage.id.label("package_id"),
        StudentPackage.package_name,
        StudentPackage.status.label("package_status"),
        StudentPackage.expires_at,
        CourseProgram.id.label("program_id"),
        CourseProgram.title.label("program_title"),
        CourseProgram.booking_opens_at,
        CourseStep.id.label("step_id"),
        CourseStep.label.label("step_label"),
        CourseStep.title.label("step_title"),
        CourseStep.step_order,
        CourseStep.is_required,
        StudentCourseStepProgress.id.label("progress_id"),
        StudentCourseStepProgress.status.label("progress_status"),
        StudentCourseStepProgress.booked_at,
        Booking.id.label("booking_id"),
        Booking.session_id,
        Booking.status.label("booking_status"),
        Booking.booking_type,
        Booking.created_at,
        Booking.booking_metadata,
        Booking.payment_status,
        Booking.change_until,
        Booking.cancel_until,
        CourseProgram.change_window_hours,
        CourseProgram.cancel_window_hours,
        GroupClass.id.label("group_class_id"),
        GroupClass.name.label("group_class_name"),
        GroupClass.time_zone,
        _teacher.name.label("teacher_name"),
        CourseSession.start_at,
        CourseSession.end_at,
        CourseSession.status.label("session_status"),
    )
    .select_from(StudentPackage)
    .join(CourseCohort, CourseCohort.id == StudentPackage.course_cohort_id)
    .join(CourseProgram, CourseProgram.id == CourseCohort.course_program_id)
    .outerjoin(
        StudentCourseStepProgress,
        StudentCourseStepProgress.student_package_id == StudentPackage.id,
    )
    .outerjoin(CourseStep, CourseStep.id == StudentCourseStepProgress.course_step_id)
    .outerjoin(Booking, Booking.id == StudentCourseStepProgress.booking_id)
    .outerjoin(CourseSession, CourseSession.id == Booking.session_id)
    .outerjoin(GroupClass, GroupClass.id == Booking.group_class_id)
    .outerjoin(_teacher, _teacher.id == GroupClass.teacher_id)
    .order_by(StudentPackage.id, CourseStep.step_order)
)
_UNBOOKED = (
    select(
        CourseStep.id.label("step_id"),
        CourseStep.label.label("step_label"),
        CourseStep.title.label("step_title"),
        CourseStep.step_order,
        CourseStep.is_required,
        select(func.count())
        .where(CourseStepOption.course_step_id == CourseStep.id, CourseStepOption.is_active)
        .scalar_subquery()
        .label("active_options"),
    )
    .join(StudentCourseStepProgress, StudentCourseStepProgress.course_step_id == CourseStep.id)
    .join(StudentPackage, StudentPackage.id == StudentCourseStepProgress.student_package_id)
    .where(StudentCourseStepProgress.status == ProgressStatus.UNBOOKED)
    .order_by(CourseStep.step_order)
)
