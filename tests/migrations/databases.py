"""A small school in the legacy shape, and what both codes do to it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text

from migrations import standing
from models.deciding import decide_lane
from models.invariants import check_invariants, find_violations
from models.policy import Policy
from models.round import Decider
from tests.school import School

LEGACY = """
INSERT INTO user_account (id, email, name, role) VALUES
    (1, 'teacher@x.example', 'Teacher', 'TEACHER'),
    (2, 'ada@x.example', 'Ada', 'STUDENT'),
    (3, 'ben@x.example', 'Ben', 'STUDENT');
INSERT INTO course_program (id, title) VALUES (1, 'Course');
INSERT INTO course_step (id, course_program_id, label, title, step_order)
    VALUES (1, 1, 'Step 1', 'First', 1), (2, 1, 'Step 2', 'Second', 2);
INSERT INTO group_class (id, name, teacher_id, capacity_max)
    VALUES (1, 'Class', 1, 10), (2, 'Other class', 1, 10);
INSERT INTO session (id, group_class_id, start_at, end_at, capacity_max) VALUES
    (1, 1, '2030-01-01 10:00Z', '2030-01-01 11:00Z', 1),
    (2, 1, '2030-01-01 10:30Z', '2030-01-01 11:30Z', 10),
    (3, 1, '2030-01-02 10:00Z', '2030-01-02 11:00Z', 10),
    (4, 2, '2030-01-03 10:00Z', '2030-01-03 11:00Z', 10);
SELECT setval('session_id_seq', 4);
INSERT INTO course_step_option (id, course_step_id, group_class_id) VALUES (1, 1, 1), (2, 1, 2);
INSERT INTO course_cohort (id, course_program_id, name) VALUES (1, 1, 'Run');
INSERT INTO student_package (id, user_id, course_cohort_id, package_name)
    VALUES (1, 2, 1, 'Package');
INSERT INTO student_course_step_progress (student_package_id, course_step_id, status, session_id)
    VALUES (1, 1, 'UNBOOKED', NULL), (1, 2, 'UNBOOKED', NULL);
INSERT INTO booking (user_id, session_id, status)
    VALUES (2, 1, 'CONFIRMED'), (3, 1, 'CONFIRMED'), (2, 3, 'CANCELLED');
"""
"""Session 1 is oversold; bookings 1 and 2 are in it, 3 is cancelled."""

BESIDE_OLD_CODE = "expand@head"
"""How far a database goes while the old code still writes."""

STEP_BOOKING = 4
"""The booking that the new code makes first: Ada's of step 1, in session 3."""

PROGRESS = "SELECT status, group_class_id, booking_id FROM student_course_step_progress"


def run(engine: Engine, *statements: str) -> None:
    """Run these statements in one transaction."""
    with engine.begin() as db:
        for statement in statements:
            db.execute(text(statement))


def rows(engine: Engine, sql: str) -> list[Any]:
    with engine.connect() as db:
        return list(db.execute(text(sql)))


def stands_at(engine: Engine) -> list[str]:
    with engine.connect() as db:
        return standing.current(db)


def book_step_with_new_code(engine: Engine, session: int = 3) -> None:
    """Let the product itself book Ada's first step, from the job to the decision."""
    now = datetime.now(UTC)
    school = School(engine, now)
    job = school.submit(student=2, package=1, step=1, option=1, session=session, at=now)
    (lane,) = school.job(job).lanes
    day = timedelta(days=1)
    decide_lane(Decider(engine, lambda: datetime.now(UTC), Policy(day, day)), lane)
    assert school.job(job).status == "SUCCEEDED"


def waits_for(session: int | None) -> str:
    """Let Ada wait for this session with her first step, or for any of its class."""
    return f"""
        INSERT INTO waitlist_entry (user_id, student_package_id, course_step_id,
            course_step_option_id, group_class_id, session_id, joined_at, booking_job_id)
        VALUES (2, 1, 1, 1, 1, {session or "NULL"}, now(), gen_random_uuid());
        INSERT INTO waitlist_skip (waitlist_entry_id, session_id, code, message, booking_job_id, at)
            SELECT id, 1, 'time_conflict', 'It overlaps.', gen_random_uuid(), now()
            FROM waitlist_entry
    """


def send_everything(engine: Engine) -> None:
    """Leave no message that waits, as the couriers would."""
    run(engine, "UPDATE outbox_message SET status = 'SENT', finished_at = now()")


def seats(engine: Engine) -> dict[int, int]:
    return dict(rows(engine, "SELECT id, seats_taken FROM session WHERE seats_taken > 0"))


def findings(engine: Engine) -> list[tuple[str, int]]:
    return [
        (row.rule, row.subject_id)
        for row in rows(engine, "SELECT rule, subject_id FROM migration_finding ORDER BY id")
    ]


def broken_rules(engine: Engine, *, known: Iterable[str] = ()) -> list[str]:
    """The rules that rows break, but for those that are known to be broken."""
    return [str(v) for v in check_invariants(engine).violations if v.name not in known]


def broken_rules_in(db: Connection) -> set[str]:
    """The rules that rows break in this transaction, its deferred triggers run before."""
    db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    return {violation.name for violation in find_violations(db)}
