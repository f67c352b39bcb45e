"""What students contend for: one seat, or two sessions at the same time."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, insert, select, text

from models.booking_job import JobKind
from models.lanes import LANES
from models.people import UserAccount
from models.submitting import Request, Target, submit
from tests.processes import until
from tests.school import Course, School

Racers = Callable[..., AbstractContextManager[Counter[str]]]
"""Runs racers as long as its context lasts, for a control without some protection.

What they logged, and how often, is known afterwards.
"""


def make_students(school: School, count: int) -> list[int]:
    rows = [
        {"email": f"s{n}@school.example", "name": f"S {n}", "role": "STUDENT"} for n in range(count)
    ]
    with school.engine.begin() as db:
        return list(db.scalars(insert(UserAccount).returning(UserAccount.id), rows))


@dataclass(frozen=True)
class Contest:
    """A course whose class has one session, and everybody's package for it."""

    course: Course
    packages: dict[int, int]
    """Each student's package."""


def make_contest(
    school: School, students: list[int], *, capacity: int, starts_in: timedelta
) -> Contest:
    course = school.course(capacity, sessions=0)
    course.sessions.append(school.session(course.group_class, starts_in))
    with school.engine.begin() as db:
        packages = db.execute(
            text(
                "INSERT INTO student_package (user_id, course_cohort_id, package_name)"
                " SELECT id, :cohort, 'Race' FROM unnest(CAST(:students AS bigint[])) AS id"
                " RETURNING user_id, id"
            ),
            {"cohort": course.cohort, "students": students},
        )
        found = {row.user_id: row.id for row in packages}
        db.execute(
            text(
                "INSERT INTO student_course_step_progress (student_package_id, course_step_id)"
                " SELECT id, :step FROM student_package WHERE course_cohort_id = :cohort"
            ),
            {"cohort": course.cohort, "step": course.step},
        )
    return Contest(course, found)


def submit_all(db: Connection, contest: Contest, first_lane: int = 0) -> None:
    """Everybody wants the seat; jobs that belong in one lane are dealt to all of them."""
    for number, (student, package) in enumerate(contest.packages.items(), first_lane):
        request = Request(
            kind=JobKind.BOOK_STEP,
            submitted_by=student,
            target=Target(
                lanes=frozenset({number % LANES}),
                user_id=student,
                student_package_id=package,
                course_step_id=contest.course.step,
            ),
            body={"course_step_option_id": contest.course.option},
        )
        submit(db, request, contest.course.school.now)


def await_decisions(school: School, seconds: float = 30) -> None:
    until(lambda: _count(school, "SELECT count(*) FROM job_queue") == 0, seconds, "the decisions")


def outcomes(school: School, step: int) -> Counter[str]:
    """How many jobs of a step came to what: `confirmed`, or the refusal's code."""
    with school.engine.connect() as db:
        return Counter(
            db.scalars(
                text(
                    "SELECT CASE status WHEN 'SUCCEEDED' THEN 'confirmed'"
                    " ELSE coalesce(error->>'code', status) END"
                    " FROM booking_job WHERE course_step_id = :step"
                ),
                {"step": step},
            )
        )


def seats_taken(school: School, contest: Contest) -> tuple[int, int]:
    """The session's own count, and the bookings that there are."""
    with school.engine.connect() as db:
        return tuple(
            db.execute(
                text(
                    "SELECT seats_taken, (SELECT count(*) FROM booking WHERE session_id = :id"
                    " AND status = 'CONFIRMED') FROM session WHERE id = :id"
                ),
                {"id": contest.course.sessions[0]},
            ).one()
        )


def deciders(school: School) -> set[str]:
    """The racers that decided anything."""
    with school.engine.connect() as db:
        return set(db.scalars(select(text("DISTINCT task_id FROM booking_job"))))


def deadlocks(school: School) -> int:
    """How many the database has broken up; it tells a moment later."""
    return _count(
        school, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )


def _count(school: School, query: str) -> int:
    with school.engine.connect() as db:
        return db.scalar(text(query)) or 0
