"""Rows as the product leaves them, put straight into the database."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects.postgresql import Range

from models.audit import AuditEntry
from models.booking import Booking
from models.booking_job import BookingJob, JobQueue
from models.catalog import CourseSession, CourseStepOption
from models.enrolment import StudentCourseStepProgress
from models.new_id import new_id
from models.outbox import OutboxMessage
from models.waitlist import WaitlistEntry, WaitlistSkip
from tests.school import Course, School


def add(school: School, table: Any, **columns: Any) -> Any:
    """A row, and its id."""
    with school.engine.begin() as db:
        return db.scalar(insert(table).values(**columns).returning(table.id))


def seat(school: School, session_id: int, user_id: int, **columns: Any) -> int:
    """A booking in this session; it takes a seat if it is of a status that does."""
    with school.engine.begin() as db:
        session = db.execute(
            select(CourseSession.__table__).where(CourseSession.id == session_id)
        ).one()
        row = {
            "user_id": user_id,
            "session_id": session_id,
            "group_class_id": session.group_class_id,
            "during": Range(session.start_at, session.end_at),
        }
        holds = insert(Booking).values(**row | columns).returning(Booking.id, Booking.holds_seat)
        made = db.execute(holds).one()
        db.execute(
            update(CourseSession)
            .where(CourseSession.id == session_id)
            .values(seats_taken=CourseSession.seats_taken + int(made.holds_seat))
        )
    return made.id


def course_seat(course: Course, session_id: int, student: int, package: int, **columns: Any) -> int:
    """A booked step of the course."""
    course_columns = {
        "booking_type": "COURSE_STEP",
        "payment_status": "PAID",
        "course_step_id": course.step,
        "student_package_id": package,
    }
    booking = seat(course.school, session_id, student, **course_columns | columns)
    if columns.get("status") == "CANCELLED":
        return booking
    with course.school.engine.begin() as db:
        db.execute(
            update(StudentCourseStepProgress)
            .where(
                StudentCourseStepProgress.student_package_id == package,
                StudentCourseStepProgress.course_step_id == course.step,
            )
            .values(
                status="BOOKED",
                booking_id=booking,
                group_class_id=select(CourseSession.group_class_id)
                .where(CourseSession.id == session_id)
                .scalar_subquery(),
                booked_at=func.now(),
            )
        )
    return booking


def ledger(school: School, session: int, booking: int) -> None:
    """The ledger's row of a seat that was put behind the product's back."""
    with school.engine.begin() as db:
        db.execute(
            text(
                "INSERT INTO seat_ledger (session_id, booking_id, change, cause, at)"
                " VALUES (:session, :booking, 1, 'BOOK_STEP', now())"
            ),
            {"session": session, "booking": booking},
        )


def waits(
    course: Course, student: int, package: int, session_id: int | None = None, **columns: Any
) -> int:
    """A place on the waitlist of the course's only step."""
    option = columns.pop("option", course.option)
    row = {
        "user_id": student,
        "student_package_id": package,
        "course_step_id": course.step,
        "course_step_option_id": option,
        "group_class_id": select(CourseStepOption.group_class_id)
        .where(CourseStepOption.id == option)
        .scalar_subquery(),
        "session_id": session_id,
        "joined_at": course.school.now,
        "booking_job_id": new_id(),
    }
    return add(course.school, WaitlistEntry, **row | columns)


def skip(school: School, entry: int, session_id: int, code: str, **columns: Any) -> int:
    row = {"message": "A sentence.", "booking_job_id": new_id(), "at": school.now}
    return add(
        school,
        WaitlistSkip,
        waitlist_entry_id=entry,
        session_id=session_id,
        code=code,
        **row | columns,
    )


def job(school: School, **columns: Any) -> str:
    """A job, decided unless it says otherwise."""
    row = {
        "id": new_id(),
        "kind": "BOOK_STEP",
        "status": "WITHDRAWN",
        "submitted_by": 0,
        "user_id": 0,
        "request": {},
        "lanes": [1],
        "submitted_at": school.now,
    } | columns
    queued = row["status"] == "QUEUED"
    row["decided_at"] = None if queued else school.now + timedelta(seconds=1)
    with school.engine.begin() as db:
        made = db.execute(
            insert(BookingJob).values(**row).returning(BookingJob.id, BookingJob.arrival)
        ).one()
        if queued:
            queue_row = {"lane": 1, "arrival": made.arrival, "job_id": made.id}
            db.execute(insert(JobQueue).values(**queue_row, submitted_at=school.now))
    return str(made.id)


def message(school: School, **columns: Any) -> str:
    """A mail that was sent, unless it says otherwise."""
    row = {
        "id": new_id(),
        "kind": "MAIL",
        "topic": "booking_confirmed",
        "payload": {},
        "status": "SENT",
        "created_at": school.now,
    } | columns
    if row["status"] not in {"PENDING", "SENDING"}:
        row["finished_at"] = school.now + timedelta(seconds=1)
    if row["status"] == "SENDING":
        row |= {"lease_token": row["id"], "lease_until": school.now + timedelta(seconds=90)}
    return str(add(school, OutboxMessage, **row))


def audited(school: School, **columns: Any) -> int:
    row = {"action": "MOVE_SESSION", "subject": "session", "at": school.now}
    return add(school, AuditEntry, **row | columns)
