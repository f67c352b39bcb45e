"""A school that a test furnishes with just the people, classes and packages it needs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, insert, select, text

from models.booking_job import BookingJob, JobKind
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
from models.submitting import Request, submit
from models.targets import step_target

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
        body = {"course_step_option_id": option}
        if session is not None:
            body["session_id"] = session
        with self.engine.begin() as db:
            target = step_target(db, student, package, step, option)
            assert target is not None, "package and step aren't the student's"
            made = submit(
                db,
                Request(
                    kind=kind,
                    submitted_by=student,
                    target=target,
                    body=body,
                    **columns,
                ),
                at or self.now,
            )
        return made.job.id

    def job(self, job_id: UUID) -> Any:
        with self.engine.connect() as db:
            return db.execute(select(*BookingJob.__table__.c).where(BookingJob.id == job_id)).one()

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

    def submit(
        self, student: int, package: int, session: int | None = None, **columns: Any
    ) -> UUID:
        return self.school.submit(student, package, self.step, self.option, session, **columns)
