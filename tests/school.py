"""A school that a test furnishes with just the people, classes and packages it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, insert, select, text

from models import staff_targets, targets
from models.booking import Booking
from models.booking_job import BookingJob, JobKind, Priority
from models.catalog import (
    CourseProgram,
    CourseSession,
    CourseStep,
    CourseStepOption,
    GroupClass,
)
from models.enrolment import (
    CourseCohort,
    CourseCohortSession,
    StudentCourseStepProgress,
    StudentPackage,
)
from models.people import UserAccount
from models.submitting import Request, Target, submit

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass
class School:
    """Makes rows; every method returns the id of what it made."""

    engine: Engine
    now: datetime

    def person(self, role: str = "STUDENT", **columns: Any) -> int:
        number = self._count(UserAccount) + 1
        row = {"email": f"{role.lower()}{number}@school.example", "name": f"Person {number}"}
        return self._add(UserAccount, role=role, **(row | columns))

    def group_class(self, capacity: int = 10, **columns: Any) -> int:
        teacher = columns.pop("teacher_id", None) or self.person("TEACHER")
        row = {"name": "Yoga", "capacity_max": capacity, "time_zone": "Europe/Berlin"}
        return self._add(GroupClass, teacher_id=teacher, **(row | columns))

    def session(
        self,
        group_class: int,
        starts_in: timedelta = 3 * DAY,
        lasts: timedelta = HOUR,
        capacity: int | None = None,
        **columns: Any,
    ) -> int:
        if capacity is None:
            with self.engine.connect() as db:
                capacity = db.scalar(
                    select(GroupClass.capacity_max).where(GroupClass.id == group_class)
                )
        start = columns.pop("start_at", self.now + starts_in)
        return self._add(
            CourseSession,
            group_class_id=group_class,
            start_at=start,
            end_at=start + lasts,
            capacity_max=capacity,
            **columns,
        )

    def program(self, **columns: Any) -> int:
        return self._add(CourseProgram, **({"title": "Course"} | columns))

    def step(self, program: int, order: int = 1, **columns: Any) -> int:
        row = {"label": f"Step {order}", "title": f"The step number {order}"}
        return self._add(CourseStep, course_program_id=program, step_order=order, **(row | columns))

    def option(self, step: int, group_class: int, **columns: Any) -> int:
        return self._add(
            CourseStepOption, course_step_id=step, group_class_id=group_class, **columns
        )

    def cohort(self, program: int) -> int:
        return self._add(CourseCohort, course_program_id=program, name="Run")

    def pin(self, cohort: int, option: int, session: int) -> None:
        with self.engine.begin() as db:
            db.execute(
                insert(CourseCohortSession).values(
                    course_cohort_id=cohort, course_step_option_id=option, session_id=session
                )
            )

    def package(self, student: int, cohort: int, **columns: Any) -> int:
        row = {"package_name": "Package"}
        package = self._add(
            StudentPackage, user_id=student, course_cohort_id=cohort, **(row | columns)
        )
        with self.engine.begin() as db:
            steps = (
                select(text(str(package)), CourseStep.id)
                .join(CourseCohort, CourseCohort.course_program_id == CourseStep.course_program_id)
                .where(CourseCohort.id == cohort)
            )
            db.execute(
                insert(StudentCourseStepProgress).from_select(
                    ["student_package_id", "course_step_id"], steps
                )
            )
        return package

    def course(
        self, capacity: int = 10, sessions: int = 1, *, class_id: int | None = None, **program: Any
    ) -> "Course":
        """A program of one step, one option and a class with sessions on coming days."""
        program_id = self.program(**program)
        group_class = self.group_class(capacity, **({"id": class_id} if class_id else {}))
        step = self.step(program_id)
        return Course(
            self,
            program=program_id,
            cohort=self.cohort(program_id),
            step=step,
            group_class=group_class,
            option=self.option(step, group_class),
            sessions=[self.session(group_class, (3 + day) * DAY) for day in range(sessions)],
        )

    def submit(
        self,
        student: int,
        package: int,
        step: int,
        option: int,
        session: int | None = None,
        *,
        at: datetime | None = None,
        kind: JobKind = JobKind.BOOK_STEP,
        **columns: Any,
    ) -> UUID:
        """Accept a booking request as the API does, and return the job's id."""
        return self.ask(
            kind,
            student,
            lambda db: targets.step_target(db, student, package, step, option),
            _without_none(course_step_option_id=option, session_id=session),
            at=at,
            **columns,
        )

    def ask(
        self,
        kind: JobKind,
        by: int,
        find: Callable[[Connection], Target | None],
        body: dict[str, Any],
        *,
        at: datetime | None = None,
        **columns: Any,
    ) -> UUID:
        """Accept any request as the API does, and return the job's id; `find` as the views do."""
        with self.engine.begin() as db:
            target = find(db)
            assert target is not None, "the API would have answered 404"
            request = Request(kind=kind, submitted_by=by, target=target, body=body, **columns)
            return submit(db, request, at or self.now).job.id

    def staff(self) -> "Staff":
        """A member of staff, and what they can do."""
        return Staff(self, self.person("STAFF"))

    def job(self, job_id: UUID) -> Any:
        with self.engine.connect() as db:
            return db.execute(select(*BookingJob.__table__.c).where(BookingJob.id == job_id)).one()

    def refusal(self, job_id: UUID) -> str:
        """The code with which this job was refused."""
        job = self.job(job_id)
        assert job.status == "REFUSED", job.status
        return str(job.error["code"])

    def result(self, job_id: UUID) -> Any:
        """The result of this job, which succeeded."""
        job = self.job(job_id)
        assert job.status == "SUCCEEDED", job.error
        return job.result

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """What the database answers to a query."""
        with self.engine.connect() as db:
            return [tuple(row) for row in db.execute(text(query), values)]

    def change(self, table: str, row_id: int, **columns: Any) -> None:
        """Change a row behind the product's back."""
        assignments = ", ".join(f"{name} = :{name}" for name in columns)
        with self.engine.begin() as db:
            db.execute(
                text(f"UPDATE {table} SET {assignments} WHERE id = :row_id"),
                columns | {"row_id": row_id},
            )

    def seats_taken(self, session: int) -> int:
        with self.engine.connect() as db:
            query = select(CourseSession.seats_taken).where(CourseSession.id == session)
            return db.scalar(query) or 0

    def _add(self, table: Any, **columns: Any) -> int:
        with self.engine.begin() as db:
            return db.scalar(insert(table).values(**columns).returning(table.id))

    def _count(self, table: Any) -> int:
        with self.engine.connect() as db:
            return len(db.execute(select(table.id)).all())


@dataclass
class Course:
    """A one-step course, and how to enrol students in it."""

    school: School
    program: int
    cohort: int
    step: int
    group_class: int
    option: int
    sessions: list[int]

    def enrol(self, count: int) -> list[tuple[int, int]]:
        """New students with a package each: pairs of student and package."""
        return [self.enrol_one() for _ in range(count)]

    def enrol_one(self, **columns: Any) -> tuple[int, int]:
        student = self.school.person()
        return student, self.school.package(student, self.cohort, **columns)

    def pupil(self, **columns: Any) -> "Pupil":
        """A new student with a package, and what they can ask for."""
        return Pupil(self.school, *self.enrol_one(**columns), self.step, self.option)

    def submit(
        self, student: int, package: int, session: int | None = None, **columns: Any
    ) -> UUID:
        return self.school.submit(student, package, self.step, self.option, session, **columns)


@dataclass
class Pupil:
    """A student with a package; every method asks for something and returns the job's id.

    Step and option are those given here unless a call names others. `at` is the time of the
    submit; it is the school's `now` unless given.
    """

    school: School
    id: int
    package: int
    step: int
    option: int

    def of(self, course: Course) -> "Pupil":
        """The same student with a package of another course."""
        package = self.school.package(self.id, course.cohort)
        return Pupil(self.school, self.id, package, course.step, course.option)

    def book(self, session: int | None = None, **others: Any) -> UUID:
        return self._ask_for_seat(JobKind.BOOK_STEP, session, **others)

    def change(self, session: int | None = None, **others: Any) -> UUID:
        return self._ask_for_seat(JobKind.CHANGE_STEP, session, **others)

    def join(self, session: int | None = None, **others: Any) -> UUID:
        return self._ask_for_seat(JobKind.JOIN_WAITLIST, session, **others)

    def cancel(
        self, reason: str | None = None, *, step: int | None = None, at: datetime | None = None
    ) -> UUID:
        step = step or self.step
        return self.school.ask(
            JobKind.CANCEL_STEP,
            self.id,
            lambda db: targets.seat_target(db, self.id, self.package, step),
            _without_none(reason=reason),
            at=at,
        )

    def leave(self, *, step: int | None = None, at: datetime | None = None) -> UUID:
        step = step or self.step
        return self.school.ask(
            JobKind.LEAVE_WAITLIST,
            self.id,
            lambda db: targets.waiting_target(db, self.id, self.package, step),
            {},
            at=at,
            priority=Priority.WAITLIST,
        )

    def bulk(
        self,
        *selections: tuple[int, int] | tuple[int, int, int],
        mode: str = "ALL_OR_NOTHING",
        at: datetime | None = None,
    ) -> UUID:
        """Each selection is a step, an option and perhaps a session."""
        names = ("course_step_id", "course_step_option_id", "session_id")
        chosen = [dict(zip(names, selection, strict=False)) for selection in selections]
        options = {selection[1] for selection in selections}
        return self.school.ask(
            JobKind.BULK_BOOK,
            self.id,
            lambda db: targets.package_target(db, self.id, self.package, options),
            {"selections": chosen, "mode": mode},
            at=at,
        )

    def booking(self, step: int | None = None) -> Any:
        """The booking that the step's progress points at; None when it is unbooked."""
        progress = StudentCourseStepProgress
        query = (
            select(*Booking.__table__.c)
            .join(progress, progress.booking_id == Booking.id)
            .where(
                progress.student_package_id == self.package,
                progress.course_step_id == (step or self.step),
            )
        )
        with self.school.engine.connect() as db:
            return db.execute(query).one_or_none()

    def sits_in(self, step: int | None = None) -> int | None:
        """The session that the step is booked in."""
        booking = self.booking(step)
        return None if booking is None else int(booking.session_id)

    def waiting(self) -> Any:
        """The status of each of the package's places on waitlists, in the order of joining."""
        query = "SELECT status FROM waitlist_entry WHERE student_package_id = :id ORDER BY id"
        return [status for (status,) in self.school.rows(query, id=self.package)]

    def _ask_for_seat(
        self,
        kind: JobKind,
        session: int | None,
        *,
        step: int | None = None,
        option: int | None = None,
        at: datetime | None = None,
    ) -> UUID:
        step, option = step or self.step, option or self.option
        return self.school.submit(self.id, self.package, step, option, session, at=at, kind=kind)


@dataclass
class Staff:
    """A member of staff; every method asks for something and returns the job's id.

    `override` is the reason for waiving windows and order.
    """

    school: School
    id: int

    def book(
        self,
        pupil: Pupil,
        session: int | None = None,
        *,
        step: int | None = None,
        option: int | None = None,
        override: str | None = None,
        at: datetime | None = None,
    ) -> UUID:
        body = _without_none(
            package_id=pupil.package,
            course_step_id=step or pupil.step,
            course_step_option_id=option or pupil.option,
            session_id=session,
            override=_override(override),
        )
        return self._ask(
            JobKind.BOOK_STEP, lambda db: staff_targets.step_booking_target(db, body), body, at
        )

    def book_seat(self, user: int, session: int, booking_type: str = "DROP_IN") -> UUID:
        body = {"booking_type": booking_type, "user_id": user, "session_id": session}
        return self._ask(
            JobKind.BOOK_SEAT, lambda db: staff_targets.seat_booking_target(db, body), body
        )

    def change(
        self,
        booking: int,
        option: int,
        session: int | None = None,
        *,
        override: str | None = None,
        at: datetime | None = None,
    ) -> UUID:
        body = _without_none(
            course_step_option_id=option, session_id=session, override=_override(override)
        )
        return self._ask(
            JobKind.CHANGE_STEP,
            lambda db: staff_targets.booking_target(db, booking, option),
            body,
            at,
        )

    def cancel(
        self,
        booking: int,
        reason: str = "Asked by phone",
        *,
        override: str | None = None,
        at: datetime | None = None,
    ) -> UUID:
        body = _without_none(reason=reason, override=_override(override))
        return self._ask(
            JobKind.CANCEL_STEP, lambda db: staff_targets.booking_target(db, booking), body, at
        )

    def add_session(
        self, group_class: int, start_at: datetime, capacity: int | None = None
    ) -> UUID:
        body = _times(start_at) | _without_none(capacity_max=capacity)
        return self._ask(
            JobKind.ADD_SESSION, lambda db: staff_targets.class_target(db, group_class), body
        )

    def cancel_session(
        self, session: int, reason: str = "Teacher is ill", *, dry_run: bool = False
    ) -> UUID:
        return self._about(JobKind.CANCEL_SESSION, session, reason=reason, dry_run=dry_run)

    def move_session(
        self,
        session: int,
        start_at: datetime,
        reason: str = "Room is taken",
        *,
        dry_run: bool = False,
    ) -> UUID:
        body = _times(start_at) | {"reason": reason, "dry_run": dry_run}
        return self._about(JobKind.MOVE_SESSION, session, **body)

    def set_capacity(
        self, session: int, capacity: int, reason: str = "Larger room", *, dry_run: bool = False
    ) -> UUID:
        return self._about(
            JobKind.SET_CAPACITY, session, capacity_max=capacity, reason=reason, dry_run=dry_run
        )

    def mark(self, session: int, status_of_bookings: dict[int, str]) -> UUID:
        marks = [
            {"booking_id": booking, "status": status}
            for booking, status in status_of_bookings.items()
        ]
        return self._about(JobKind.MARK_ATTENDANCE, session, marks=marks)

    def cancel_package(
        self, package: int, reason: str = "Refunded", *, dry_run: bool = False
    ) -> UUID:
        return self._ask(
            JobKind.CANCEL_PACKAGE,
            lambda db: staff_targets.cancelled_package_target(db, package),
            {"reason": reason, "dry_run": dry_run},
        )

    def _about(self, kind: JobKind, session: int, **body: Any) -> UUID:
        return self._ask(kind, lambda db: staff_targets.session_target(db, session), body)

    def _ask(
        self,
        kind: JobKind,
        find: Callable[[Connection], Target | None],
        body: dict[str, Any],
        at: datetime | None = None,
    ) -> UUID:
        return self.school.ask(
            kind, self.id, find, body, at=at, priority=Priority.STAFF, submitted_from="10.0.0.7"
        )


def _without_none(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _override(reason: str | None) -> dict[str, str] | None:
    return None if reason is None else {"reason": reason}


def _times(start_at: datetime) -> dict[str, Any]:
    return {"start_at": start_at.isoformat(), "end_at": (start_at + HOUR).isoformat()}
