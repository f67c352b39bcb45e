"""Every write that was legal for the old code before goes on succeeding beside the new code.

Each is run twice: in the legacy shape, which proves that it was legal, and beside the new code on
the same rows, where the new code has booked a step, or the backfill has linked one, and let its
student wait for another session.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from migrations import commands
from models.backfill.running import backfill
from models.connection import make_engine
from models.policy import Policy
from tests.migrations.databases import (
    BESIDE_OLD_CODE,
    LEGACY,
    book_step_with_new_code,
    broken_rules_in,
    run,
    waits_for,
)
from tests.migrations.old_school import nobody

BOOKING = {
    "cancel a step's booking": "UPDATE booking SET status = 'CANCELLED' WHERE id = 4",
    "cancel all of a session": "UPDATE booking SET status = 'CANCELLED' WHERE session_id = 3",
    "delete a step's booking": "DELETE FROM booking WHERE id = 4",
    "move it in its class": "UPDATE booking SET session_id = 2 WHERE id = 4",
    "move it to another class": "UPDATE booking SET session_id = 4 WHERE id = 4",
    "move it into an oversold session": "UPDATE booking SET session_id = 1 WHERE id = 4",
    "mark it attended": "UPDATE booking SET status = 'ATTENDED' WHERE id = 4",
    "mark it missed": "UPDATE booking SET status = 'NO_SHOW' WHERE id = 4",
    "mark it unpaid": "UPDATE booking SET payment_status = 'UNPAID' WHERE id = 4",
    "give it to another person": "UPDATE booking SET user_id = 3 WHERE id = 4",
    "give it another number": "UPDATE booking SET id = 40 WHERE id = 4",
    "give it another maker": "UPDATE booking SET created_by = 1, created_at = now() WHERE id = 4",
    "cancel and revive it": """
        UPDATE booking SET status = 'CANCELLED' WHERE id = 4;
        UPDATE booking SET status = 'CONFIRMED' WHERE id = 4
    """,
    "cancel, rebook the step otherwise and revive": """
        UPDATE booking SET status = 'CANCELLED' WHERE id = 4;
        UPDATE student_course_step_progress SET status = 'BOOKED', session_id = 2 WHERE id = 1;
        UPDATE booking SET status = 'CONFIRMED' WHERE id = 4
    """,
    "insert": "INSERT INTO booking (user_id, session_id) VALUES (3, 3)",
    "insert a second one": "INSERT INTO booking (user_id, session_id) VALUES (2, 3)",
    "insert an overlapping one": "INSERT INTO booking (user_id, session_id) VALUES (2, 2)",
    "insert several": "INSERT INTO booking (user_id, session_id) VALUES (2, 2), (2, 2), (3, 1)",
    "insert a cancelled one": """
        INSERT INTO booking (user_id, session_id, status) VALUES (2, 3, 'CANCELLED')
    """,
    "upsert a new one": """
        INSERT INTO booking (id, user_id, session_id) VALUES (900, 3, 3)
        ON CONFLICT (id) DO UPDATE SET status = EXCLUDED.status
    """,
    "upsert one that is there": """
        INSERT INTO booking (id, user_id, session_id, status) VALUES (4, 2, 3, 'NO_SHOW')
        ON CONFLICT (id) DO UPDATE SET status = EXCLUDED.status
    """,
    "insert one that is there and do nothing": """
        INSERT INTO booking (id, user_id, session_id) VALUES (4, 3, 99) ON CONFLICT DO NOTHING
    """,
}
PROGRESS = {
    "unbook a step": """
        UPDATE student_course_step_progress SET status = 'UNBOOKED', session_id = NULL WHERE id = 1
    """,
    "unbook it by its status alone": """
        UPDATE student_course_step_progress SET status = 'UNBOOKED' WHERE id = 1
    """,
    "complete it": "UPDATE student_course_step_progress SET status = 'COMPLETED' WHERE id = 1",
    "take it out of the package": "DELETE FROM student_course_step_progress WHERE id = 1",
    "take the step out of the course": """
        DELETE FROM student_course_step_progress WHERE course_step_id = 1;
        DELETE FROM course_step_option WHERE course_step_id = 1;
        DELETE FROM course_step WHERE id = 1
    """,
    "delete the package": """
        DELETE FROM student_course_step_progress WHERE student_package_id = 1;
        DELETE FROM student_package WHERE id = 1
    """,
    "delete the student": """
        DELETE FROM student_course_step_progress WHERE student_package_id = 1;
        DELETE FROM student_package WHERE id = 1;
        DELETE FROM booking WHERE user_id = 2;
        DELETE FROM user_account WHERE id = 2
    """,
    "give the package to another student": "UPDATE student_package SET user_id = 3 WHERE id = 1",
    "upsert a step that is booked": """
        INSERT INTO student_course_step_progress (student_package_id, course_step_id, status)
        VALUES (1, 1, 'UNBOOKED') ON CONFLICT (student_package_id, course_step_id)
        DO UPDATE SET status = EXCLUDED.status, session_id = EXCLUDED.session_id
    """,
    "re-point a booked step": """
        UPDATE student_course_step_progress SET session_id = 2 WHERE id = 1
    """,
    "re-point it to an unknown class": """
        UPDATE student_course_step_progress SET session_id = 99 WHERE id = 1
    """,
    "empty its class": "UPDATE student_course_step_progress SET session_id = NULL WHERE id = 1",
    "book a step": """
        UPDATE student_course_step_progress SET status = 'BOOKED', session_id = 1 WHERE id = 2
    """,
    "move the row to another step": """
        DELETE FROM student_course_step_progress WHERE id = 2;
        UPDATE student_course_step_progress SET course_step_id = 2 WHERE id = 1
    """,
}
SESSION = {
    "lower a capacity below the seats": "UPDATE session SET capacity_max = 0 WHERE id = 3",
    "make a capacity negative": "UPDATE session SET capacity_max = -1 WHERE id IN (1, 2)",
    "insert a session of negative capacity": """
        INSERT INTO session (group_class_id, start_at, end_at, capacity_max)
        VALUES (1, '2030-01-05 10:00Z', '2030-01-05 11:00Z', -1)
    """,
    "insert a session that ends before it starts": """
        INSERT INTO session (group_class_id, start_at, end_at, capacity_max)
        VALUES (1, '2030-01-05 10:00Z', '2030-01-05 09:00Z', 1)
    """,
    "end a session before it starts": """
        UPDATE session SET end_at = '2030-01-02 09:00Z' WHERE id = 3
    """,
    "move a session": """
        UPDATE session SET start_at = '2030-01-05 10:00Z', end_at = '2030-01-05 11:00Z'
        WHERE id = 3
    """,
    "move it over another of its students": """
        UPDATE session SET start_at = '2030-01-01 10:00Z', end_at = '2030-01-01 11:00Z'
        WHERE id = 3
    """,
    "move it and book another one in its place": """
        UPDATE session SET start_at = '2030-01-05 10:00Z', end_at = '2030-01-05 11:00Z'
        WHERE id = 3;
        INSERT INTO booking (user_id, session_id) VALUES (2, 3)
    """,
    "give it to another class": "UPDATE session SET group_class_id = 2 WHERE id = 3",
    "cancel it": "UPDATE session SET status = 'CANCELLED' WHERE id = 3",
    "delete it after its bookings": """
        DELETE FROM booking WHERE session_id = 3; DELETE FROM session WHERE id = 3
    """,
    "make a class's capacity negative": "UPDATE group_class SET capacity_max = -5 WHERE id = 1",
    "free a seat": "UPDATE booking SET status = 'CANCELLED' WHERE id = 2",
    "raise a capacity": "UPDATE session SET capacity_max = 9 WHERE id = 1",
    "cancel a full session": "UPDATE session SET status = 'CANCELLED' WHERE id = 1",
    "give it to another class too": "UPDATE session SET group_class_id = 2 WHERE id = 1",
    "delete it too": """
        DELETE FROM booking WHERE session_id = 1; DELETE FROM session WHERE id = 1
    """,
    "delete an option": "DELETE FROM course_step_option WHERE id = 1",
    "give an option another number": "UPDATE course_step_option SET id = 9 WHERE id = 1",
    "give an option to another class": """
        DELETE FROM course_step_option WHERE id = 2;
        UPDATE course_step_option SET group_class_id = 2 WHERE id = 1
    """,
}
WRITES = BOOKING | PROGRESS | SESSION

BOOKS_A_STEP_WITHOUT_BOOKING = {
    "cancel, rebook the step otherwise and revive",
    "re-point a booked step",
    "re-point it to an unknown class",
    "empty its class",
    "book a step",
    "move the row to another step",
}
"""What leaves a step booked as the old code books them, to be linked before the contract."""

INCOMPLETE = "progress_complete"
"""What the old code takes out of a package is missing there, as it was before."""

SAME_ROWS = """
SELECT setval('booking_id_seq', 3);
INSERT INTO booking (user_id, session_id, payment_status) VALUES (2, 3, 'PAID');
UPDATE student_course_step_progress SET status = 'BOOKED', session_id = 1 WHERE id = 1;
"""
"""What the new code writes beside the old one, in the words of that one."""


def link_step_by_the_backfill(engine: Engine) -> None:
    """The same booking, made of what the old code left: Ada's first step, pinned to session 3."""
    run(
        engine,
        "INSERT INTO course_cohort_session VALUES (1, 1, 3)",
        "UPDATE student_course_step_progress SET status = 'BOOKED', session_id = 1 WHERE id = 1",
    )
    now = datetime.now(UTC)
    linked = backfill(engine, Policy(), now, on_found=nobody, on_rows=nobody)
    assert linked is not None
    assert linked.linked == 1
    run(engine, "DELETE FROM course_cohort_session")


@pytest.fixture(scope="module", params=[book_step_with_new_code, link_step_by_the_backfill])
def expanded(request: pytest.FixtureRequest, bare_database_url: str) -> Iterator[Engine]:
    """Both codes at work, once all writes have proved in the legacy shape to be legal."""
    engine = make_engine(bare_database_url)
    clean = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
    run(engine, clean)
    commands.upgrade(engine, "0001")
    run(engine, LEGACY)
    for write in WRITES.values():
        with engine.connect() as db:
            db.execute(text(SAME_ROWS + write))
    run(engine, "SELECT setval('booking_id_seq', 3)")
    commands.upgrade(engine, BESIDE_OLD_CODE)
    request.param(engine)
    run(engine, waits_for(1))
    yield engine
    run(engine, clean)
    engine.dispose()


@pytest.mark.parametrize("write", WRITES)
def test_what_was_legal_before_succeeds_and_leaves_everything_in_order(
    expanded: Engine, write: str
) -> None:
    with expanded.connect() as db:
        db.execute(text(WRITES[write]))
        broken = broken_rules_in(db) - {INCOMPLETE}
    assert broken == ({"progress_booking"} if write in BOOKS_A_STEP_WITHOUT_BOOKING else set())


@pytest.mark.parametrize(
    "write",
    [
        "DELETE FROM session WHERE id = 3",
        "DELETE FROM student_package WHERE id = 1",
        "UPDATE booking SET session_id = 99 WHERE id = 4",
        "INSERT INTO booking (user_id, session_id) VALUES (2, 99)",
    ],
)
def test_what_a_foreign_key_refused_before_it_refuses_at_once_still(
    expanded: Engine, write: str
) -> None:
    with (
        expanded.connect() as db,
        pytest.raises(IntegrityError, match="violates foreign key constraint"),
    ):
        db.execute(text(write))
