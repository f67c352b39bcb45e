"""A small school full of conflicts: few seats, sessions that overlap, two packages of a student.

Written to the database and to the model alike. All ids but the sessions' are chosen here, so that
the lanes are the same whenever an example is run again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import Connection, insert

from models.catalog import CourseProgram, CourseSession, CourseStep, CourseStepOption, GroupClass
from models.enrolment import (
    CourseCohort,
    CourseCohortSession,
    StudentCourseStepProgress,
    StudentPackage,
)
from models.people import UserAccount
from tests.stateful.world import Option, Package, Program, Session, Step, World

HOUR = timedelta(hours=1)
OPENS = datetime(2026, 3, 27, 9, tzinfo=UTC)
"""Two days before Europe's clocks go forward."""


@dataclass(frozen=True)
class Plan:
    """What differs between two schools; `starts` are hours, `sizes` capacities of sessions."""

    starts: tuple[int, ...] = (26, 26, 27, 50, 51, 50)
    sizes: tuple[int, ...] = (1, 1, 2, 1, 2, 1)
    ordered: bool = False
    opens_in: int | None = None
    change_hours: int | None = None
    cancel_hours: int | None = None
    second_option: bool = True
    third_step: bool = True
    pins: bool = False
    expires_in: int | None = None
    cutoff_hours: int = 2


@dataclass
class Furnishing:
    """Makes rows and, beside each, what the model knows of it."""

    db: Connection
    base: int
    plan: Plan

    def __post_init__(self) -> None:
        self.ids = count(self.base + 1)
        self.world = World(OPENS, cutoff=self.plan.cutoff_hours * HOUR)

    def furnish(self) -> World:
        staff = self._person("STAFF")
        classes = [self._class(self.base + offset, staff) for offset in (1, 2, 17)]
        sessions = [
            self._session(classes[n % 3], start, size)
            for n, (start, size) in enumerate(zip(self.plan.starts, self.plan.sizes, strict=True))
        ]
        long, short = self._long_program(classes), self._short_program(classes)
        if self.plan.pins:
            self._pin(long[0], next(iter(self.world.options)), sessions[3])
        expires = None if self.plan.expires_in is None else OPENS + self.plan.expires_in * HOUR
        first, second, third, fourth = (self._person("STUDENT") for _ in range(4))
        for student, cohort, end in [
            (first, long, None),
            (first, short, None),
            (second, long, expires),
            (third, short, None),
            (third, (long[0] + 1, long[1]), None),
            (fourth, short, expires),
        ]:
            self._package(student, *cohort, end)
        self.world.users = [first, second, third, fourth, staff]
        return self.world

    def _add(self, table: type, **columns: object) -> int:
        return self.db.scalar(insert(table).values(**columns).returning(table.id))

    def _person(self, role: str) -> int:
        id_ = next(self.ids)
        email = f"{id_}@school.example"
        return self._add(UserAccount, id=id_, email=email, name=f"Person {id_}", role=role)

    def _class(self, id_: int, teacher: int) -> int:
        self._add(GroupClass, id=id_, name="Yoga", teacher_id=teacher, capacity_max=1)
        self.world.classes[id_] = 1
        return id_

    def _session(self, class_id: int, start: int, size: int) -> int:
        start_at = OPENS + start * HOUR
        end_at = start_at + HOUR
        id_ = self._add(
            CourseSession,
            group_class_id=class_id,
            start_at=start_at,
            end_at=end_at,
            capacity_max=size,
        )
        self.world.sessions[id_] = Session(id_, class_id, start_at, end_at, size)
        return id_

    def _long_program(self, classes: list[int]) -> tuple[int, Program]:
        """Three steps: one with a choice, two of which all or the second have none."""
        plan = self.plan
        program, cohort = self._program(
            ordered=plan.ordered,
            booking_opens_at=None if plan.opens_in is None else OPENS + plan.opens_in * HOUR,
            change_window_hours=plan.change_hours,
            cancel_window_hours=plan.cancel_hours,
        )
        offers = (
            [
                (classes[0], True),
                (classes[1], plan.second_option),
            ],
            [(classes[1], True)],
            [(classes[2], True), (classes[0], not plan.third_step)],
        )
        for order, options in enumerate(offers, start=1):
            self._step(program, cohort, order, options)
        self._add(CourseCohort, id=cohort + 1, course_program_id=cohort, name="Second run")
        next(self.ids)
        return cohort, program

    def _short_program(self, classes: list[int]) -> tuple[int, Program]:
        program, cohort = self._program()
        self._step(program, cohort, 1, [(classes[0], True), (classes[2], True)])
        return cohort, program

    def _program(self, **columns: object) -> tuple[Program, int]:
        """A program with a cohort of the same id."""
        id_ = next(self.ids)
        self._add(CourseProgram, id=id_, title="Course", **columns)
        self._add(CourseCohort, id=id_, course_program_id=id_, name="Run")
        hours = (columns.get(f"{name}_window_hours") for name in ("change", "cancel"))
        change, cancel = (24 * HOUR if h is None else h * HOUR for h in hours)
        opens = columns.get("booking_opens_at")
        return Program(bool(columns.get("ordered")), opens, change, cancel), id_

    def _step(
        self, program: Program, program_id: int, order: int, options: list[tuple[int, bool]]
    ) -> None:
        id_ = next(self.ids)
        labels = {"label": f"Step {order}", "title": f"Step {order}"}
        self._add(CourseStep, id=id_, course_program_id=program_id, step_order=order, **labels)
        step = self.world.steps[id_] = Step(id_, program, order)
        for class_id, active in options:
            option = next(self.ids)
            columns = {"course_step_id": id_, "group_class_id": class_id, "is_active": active}
            self._add(CourseStepOption, id=option, **columns)
            self.world.options[option] = Option(option, step, class_id, active)

    def _pin(self, cohort: int, option: int, session: int) -> None:
        self.db.execute(
            insert(CourseCohortSession).values(
                course_cohort_id=cohort, course_step_option_id=option, session_id=session
            )
        )
        self.world.pins[cohort, option] = session

    def _package(
        self, student: int, cohort: int, program: Program, expires: datetime | None
    ) -> None:
        id_ = next(self.ids)
        columns = {"user_id": student, "course_cohort_id": cohort, "expires_at": expires}
        self._add(StudentPackage, id=id_, package_name="Package", **columns)
        package = self.world.packages[id_] = Package(id_, student, cohort, program, expires)
        for step in self.world.steps_of(package):
            self._add(StudentCourseStepProgress, student_package_id=id_, course_step_id=step.id)
