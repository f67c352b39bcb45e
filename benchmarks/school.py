"""A school made by a few set-based statements: programs, classes, sessions, students, packages.

All ids follow from numbers, so that a request can be written without asking the database:
student `i` has the package `base + i` of program `i % programs`; the `option`-th option of the
`step`-th step of a program is one class with one session, and all three have the same id.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Engine, text

from models.long_transaction import allow_long_transaction

SPACE = 10_000_000
"""How many ids each school of a database may use."""
MINUTES = 10
"""For statements that make everything at once; the application's role has seconds."""


@dataclass(frozen=True)
class School:
    """How large a school is; `number` keeps the ids of several in one database apart."""

    students: int
    capacity: int
    programs: int = 1
    steps: int = 1
    options: int = 1
    number: int = 1

    @property
    def base(self) -> int:
        """What all of its ids begin with."""
        return self.number * SPACE

    def student(self, number: int) -> int:
        """Return the id of a student, which is that of their package too."""
        return self.base + number

    def step(self, student: int, step: int = 0) -> int:
        """Return the id of the step that this student's package has at this place."""
        return self.base + student % self.programs * self.steps + step

    def option(self, student: int, step: int = 0, option: int = 0) -> int:
        """Return the id of an option, its class and its session."""
        place = (student % self.programs * self.steps + step) * self.options + option
        return self.base + place

    @property
    def sessions(self) -> int:
        """How many sessions there are."""
        return self.programs * self.steps * self.options

    def numbers(self) -> dict[str, int]:
        """Return what the statements below are filled with."""
        return {
            "base": self.base,
            "students": self.students,
            "programs": self.programs,
            "steps": self.steps,
            "options": self.options,
            "capacity": self.capacity,
            "teacher": self.base + SPACE - 1,
        }


def found(engine: Engine, school: School) -> None:
    """Put the school into the database, and let the planner know what is there."""
    with engine.begin() as db:
        allow_long_transaction(db, MINUTES)
        for statement in _STATEMENTS:
            db.execute(text(statement), school.numbers())
    analyze(engine)


def analyze(engine: Engine) -> None:
    """Gather the planner's statistics, which autovacuum would do a minute later."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        for limit in ("statement_timeout", "transaction_timeout"):
            db.execute(text(f"SET {limit} = 0"))
        # without waiting for the lock to make a table shorter, which a backup holds
        db.execute(text("VACUUM (ANALYZE, TRUNCATE off)"))


def seat(engine: Engine, school: School, students: Iterable[int], option: int = 0) -> None:
    """Give these students a seat in their first step, as if they had booked long ago."""
    ids = [school.student(number) for number in students]
    with engine.begin() as db:
        allow_long_transaction(db, MINUTES)
        for statement in _SEAT:
            db.execute(text(statement), school.numbers() | {"ids": ids, "option": option})


_STATEMENTS = (
    """INSERT INTO user_account (id, email, name, role)
       VALUES (:teacher, 'teacher' || :teacher || '@example.org', 'Teacher', 'TEACHER')""",
    """INSERT INTO user_account (id, email, name, role)
       SELECT :base + n, 'student' || :base + n || '@example.org', 'Student ' || n, 'STUDENT'
       FROM generate_series(0, :students - 1) AS n""",
    """INSERT INTO course_program (id, title)
       SELECT :base + n, 'Program ' || n FROM generate_series(0, :programs - 1) AS n""",
    """INSERT INTO course_cohort (id, course_program_id, name)
       SELECT :base + n, :base + n, 'Run' FROM generate_series(0, :programs - 1) AS n""",
    """INSERT INTO course_step (id, course_program_id, label, title, step_order)
       SELECT :base + n, :base + n / :steps, 'S', 'Step', n % :steps + 1
       FROM generate_series(0, :programs * :steps - 1) AS n""",
    """INSERT INTO group_class (id, name, teacher_id, capacity_max)
       SELECT :base + n, 'Class ' || n, :teacher, :capacity
       FROM generate_series(0, :programs * :steps * :options - 1) AS n""",
    """INSERT INTO session (id, group_class_id, start_at, end_at, capacity_max)
       SELECT :base + n, :base + n, at, at + interval '1 hour', :capacity
       FROM generate_series(0, :programs * :steps * :options - 1) AS n,
            LATERAL (SELECT date_trunc('hour', now()) + interval '3 days'
                            + n / :options % :steps * interval '1 day'
                            + n % :options * interval '2 hours' AS at)""",
    """INSERT INTO course_step_option (id, course_step_id, group_class_id)
       SELECT :base + n, :base + n / :options, :base + n
       FROM generate_series(0, :programs * :steps * :options - 1) AS n""",
    """INSERT INTO student_package (id, user_id, course_cohort_id, package_name)
       SELECT :base + n, :base + n, :base + n % :programs, 'Package'
       FROM generate_series(0, :students - 1) AS n""",
    """INSERT INTO student_course_step_progress (student_package_id, course_step_id)
       SELECT :base + n, :base + n % :programs * :steps + step
       FROM generate_series(0, :students - 1) AS n,
            generate_series(0, :steps - 1) AS step""",
)
_SEAT = (
    """INSERT INTO booking (user_id, session_id, group_class_id, booking_type, payment_status,
                            course_step_id, student_package_id, during)
       SELECT student, session.id, session.group_class_id, 'COURSE_STEP', 'PAID',
              :base + program * :steps, student, tstzrange(start_at, end_at)
       FROM unnest(CAST(:ids AS bigint[])) AS student,
            LATERAL (SELECT (student - :base) % :programs AS program) AS of_program
       JOIN session ON session.id = :base + program * :steps * :options + :option""",
    """UPDATE student_course_step_progress AS progress
       SET status = 'BOOKED', booking_id = booking.id, group_class_id = booking.group_class_id,
           booked_at = now()
       FROM booking WHERE booking.student_package_id = ANY (CAST(:ids AS bigint[]))
           AND progress.student_package_id = booking.student_package_id
           AND progress.course_step_id = booking.course_step_id""",
    """UPDATE session SET seats_taken = seats_taken + held.seats
       FROM (SELECT session_id, count(*) AS seats FROM booking
             WHERE student_package_id = ANY (CAST(:ids AS bigint[])) GROUP BY session_id) AS held
       WHERE session.id = held.session_id""",
    """INSERT INTO seat_ledger (session_id, booking_id, change, cause)
       SELECT session_id, id, 1, 'BOOKED' FROM booking
       WHERE student_package_id = ANY (CAST(:ids AS bigint[]))""",
)
