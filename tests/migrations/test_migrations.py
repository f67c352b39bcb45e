"""Migrations on data: up from the legacy shape, down again, and beside old code that writes."""

from collections.abc import Iterator
from typing import Any

import pytest
from alembic.util import CommandError
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from migrations import commands
from models.connection import make_engine
from models.invariants import check_invariants

LEGACY = """
INSERT INTO user_account (id, email, name, role) VALUES
    (1, 'teacher@x.example', 'Teacher', 'TEACHER'),
    (2, 'ada@x.example', 'Ada', 'STUDENT'),
    (3, 'ben@x.example', 'Ben', 'STUDENT');
INSERT INTO course_program (id, title) VALUES (1, 'Course');
INSERT INTO course_step (id, course_program_id, label, title, step_order)
    VALUES (1, 1, 'Step 1', 'First', 1), (2, 1, 'Step 2', 'Second', 2);
INSERT INTO group_class (id, name, teacher_id, capacity_max) VALUES (1, 'Class', 1, 10);
INSERT INTO session (id, group_class_id, start_at, end_at, capacity_max) VALUES
    (1, 1, '2030-01-01 10:00Z', '2030-01-01 11:00Z', 1),
    (2, 1, '2030-01-01 10:30Z', '2030-01-01 11:30Z', 10),
    (3, 1, '2030-01-02 10:00Z', '2030-01-02 11:00Z', 10);
INSERT INTO course_step_option (id, course_step_id, group_class_id) VALUES (1, 1, 1);
INSERT INTO course_cohort (id, course_program_id, name) VALUES (1, 1, 'Run');
INSERT INTO student_package (id, user_id, course_cohort_id, package_name)
    VALUES (1, 2, 1, 'Package');
INSERT INTO student_course_step_progress (student_package_id, course_step_id, status, session_id)
    VALUES (1, 1, 'UNBOOKED', NULL), (1, 2, 'UNBOOKED', NULL);
INSERT INTO booking (user_id, session_id, status)
    VALUES (2, 1, 'CONFIRMED'), (3, 1, 'CONFIRMED'), (2, 3, 'CANCELLED');
"""


@pytest.fixture
def bare(bare_database_url: str) -> Iterator[Engine]:
    """A database in which nobody has made a table yet."""
    engine = make_engine(bare_database_url)
    _empty(engine)
    yield engine
    _empty(engine)
    engine.dispose()


@pytest.fixture
def legacy(bare: Engine) -> Engine:
    """A database in the legacy shape with some rows."""
    commands.upgrade(bare, "0001")
    run(bare, LEGACY)
    return bare


def _empty(engine: Engine) -> None:
    run(engine, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def run(engine: Engine, sql: str) -> None:
    with engine.begin() as db:
        db.execute(text(sql))


def rows(engine: Engine, sql: str) -> list[Any]:
    with engine.connect() as db:
        return list(db.execute(text(sql)))


def test_the_migrated_schema_is_what_the_models_say(bare: Engine) -> None:
    commands.upgrade(bare)
    commands.check(bare)


def test_every_revision_can_be_taken_back_and_made_again(bare: Engine) -> None:
    commands.upgrade(bare)
    for revision in ("0003", "0002", "0001", "base"):
        commands.downgrade(bare, revision)
    assert (
        rows(
            bare,
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_name <> 'alembic_version'",
        )
        == []
    )
    commands.upgrade(bare)
    commands.check(bare)


def test_legacy_data_come_through_up_and_down(legacy: Engine) -> None:
    columns = "id, user_id, session_id, status, payment_status"
    before = rows(legacy, f"SELECT {columns} FROM booking ORDER BY id")
    commands.upgrade(legacy)
    commands.downgrade(legacy, "0001")
    assert rows(legacy, f"SELECT {columns} FROM booking ORDER BY id") == before
    assert rows(legacy, "SELECT count(*) FROM student_course_step_progress") == [(2,)]


def test_a_migrated_legacy_database_breaks_no_rule(legacy: Engine) -> None:
    commands.upgrade(legacy)
    assert check_invariants(legacy).violations == []


def test_seats_are_counted_into_session_and_ledger(legacy: Engine) -> None:
    commands.upgrade(legacy)
    assert rows(legacy, "SELECT id, seats_taken FROM session ORDER BY id") == [
        (1, 2),
        (2, 0),
        (3, 0),
    ]
    assert rows(legacy, "SELECT session_id, change FROM seat_ledger") == [(1, 2)]


def test_an_oversold_session_gets_its_capacity_raised_audited_and_listed(legacy: Engine) -> None:
    commands.upgrade(legacy)
    assert rows(legacy, "SELECT capacity_max FROM session WHERE id = 1") == [(2,)]
    assert rows(legacy, "SELECT action, subject_id FROM audit_entry") == [
        ("session.capacity_raised", 1)
    ]
    assert rows(legacy, "SELECT rule, subject_id FROM migration_finding") == [
        ("seats_within_capacity", 1)
    ]


def test_bookings_that_collide_are_kept_and_listed(legacy: Engine) -> None:
    run(legacy, "INSERT INTO booking (user_id, session_id) VALUES (2, 2)")
    commands.upgrade(legacy)
    assert rows(legacy, "SELECT status, during FROM booking WHERE session_id = 2") == [
        ("CONFIRMED", None)
    ]
    assert ("no_overlap", 4) in rows(legacy, "SELECT rule, subject_id FROM migration_finding")


def test_a_session_that_ends_before_it_starts_is_mended_and_listed(legacy: Engine) -> None:
    run(legacy, "UPDATE session SET end_at = start_at - interval '1 hour' WHERE id = 3")
    commands.upgrade(legacy)
    assert rows(
        legacy, "SELECT end_at - start_at = interval '1 second' FROM session WHERE id = 3"
    ) == [(True,)]
    assert ("start_before_end", 3) in rows(legacy, "SELECT rule, subject_id FROM migration_finding")


@pytest.mark.parametrize("revision", ["0002", "0003"])
def test_old_and_new_column_are_kept_equal_whichever_is_written(
    legacy: Engine, revision: str
) -> None:
    commands.upgrade(legacy, revision)
    progress = "SELECT session_id, group_class_id FROM student_course_step_progress WHERE id = 1"
    for column in ("session_id", "group_class_id"):
        run(legacy, f"UPDATE student_course_step_progress SET {column} = 1 WHERE id = 1")
        assert rows(legacy, progress) == [(1, 1)]
        run(legacy, f"UPDATE student_course_step_progress SET {column} = NULL WHERE id = 1")
        assert rows(legacy, progress) == [(None, None)]


def test_bookings_of_the_old_code_are_counted_while_it_still_runs(legacy: Engine) -> None:
    commands.upgrade(legacy, "0003")
    run(legacy, "INSERT INTO booking (user_id, session_id) VALUES (3, 3)")
    run(legacy, "UPDATE booking SET status = 'CANCELLED' WHERE user_id = 3 AND session_id = 1")
    assert rows(legacy, "SELECT id, seats_taken FROM session ORDER BY id") == [
        (1, 1),
        (2, 0),
        (3, 1),
    ]
    assert check_invariants(legacy).violations == []


@pytest.mark.parametrize(
    ("write", "seats"),
    [
        ("UPDATE booking SET status = 'CONFIRMED' WHERE id = 3", [2, 0, 1]),
        ("DELETE FROM booking WHERE id = 2", [1, 0, 0]),
        ("DELETE FROM booking WHERE id = 3", [2, 0, 0]),
        ("UPDATE booking SET session_id = 3 WHERE id = 2", [1, 0, 1]),
        ("UPDATE booking SET session_id = 2, status = 'CANCELLED' WHERE id = 2", [1, 0, 0]),
        ("UPDATE booking SET status = 'ATTENDED' WHERE id = 2", [2, 0, 0]),
    ],
)
def test_whatever_the_old_code_does_to_a_booking_is_counted(
    legacy: Engine, write: str, seats: list[int]
) -> None:
    commands.upgrade(legacy, "0003")
    run(legacy, write)
    found = rows(legacy, "SELECT seats_taken FROM session ORDER BY id")
    assert [row.seats_taken for row in found] == seats
    assert check_invariants(legacy).violations == []


def test_a_booking_that_the_old_code_revives_into_a_conflict_is_kept_and_listed(
    legacy: Engine,
) -> None:
    commands.upgrade(legacy, "0003")
    run(legacy, "INSERT INTO booking (user_id, session_id, status) VALUES (2, 2, 'CANCELLED')")
    run(legacy, "UPDATE booking SET status = 'CONFIRMED' WHERE id = 4")
    assert rows(legacy, "SELECT status, during FROM booking WHERE id = 4") == [("CONFIRMED", None)]
    assert ("no_overlap", 4) in rows(legacy, "SELECT rule, subject_id FROM migration_finding")


def test_the_old_code_may_oversell_and_the_capacity_follows_audited(legacy: Engine) -> None:
    commands.upgrade(legacy, "0003")
    run(legacy, "INSERT INTO booking (user_id, session_id) VALUES (1, 1)")
    assert rows(legacy, "SELECT seats_taken, capacity_max FROM session WHERE id = 1") == [(3, 3)]
    assert rows(legacy, "SELECT reason FROM audit_entry ORDER BY id")[-1] == (
        "oversold by the old code",
    )


def test_the_contract_refuses_while_booked_steps_have_no_booking(legacy: Engine) -> None:
    run(
        legacy,
        "UPDATE student_course_step_progress SET status = 'BOOKED', session_id = 1 WHERE id = 1",
    )
    with pytest.raises(CommandError, match="1 booked steps have no booking yet"):
        commands.upgrade(legacy)
    with legacy.connect() as db:
        assert commands.current(db) == "0003"
        assert commands.is_migrated(db)


@pytest.mark.parametrize("table", ["seat_ledger", "audit_entry", "event_log"])
@pytest.mark.parametrize("change", ["UPDATE {} SET at = now()", "DELETE FROM {}"])
def test_logs_can_only_be_added_to(legacy: Engine, table: str, change: str) -> None:
    run(legacy, "INSERT INTO booking (user_id, session_id) VALUES (2, 2)")
    commands.upgrade(legacy)
    run(
        legacy,
        "INSERT INTO event_log (position, id, type, timestamp, data)"
        " VALUES (1, gen_random_uuid(), 'x', now(), '{}')",
    )
    column = "timestamp" if table == "event_log" else "at"
    with pytest.raises(DBAPIError, match="append-only"):
        run(legacy, change.format(table).replace("SET at", f"SET {column}"))


def test_a_migration_waits_for_a_busy_table_for_three_seconds_at_most(legacy: Engine) -> None:
    with legacy.begin() as busy:
        busy.execute(text("LOCK TABLE booking IN ACCESS SHARE MODE"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            commands.upgrade(legacy)
    with legacy.connect() as db:
        assert commands.current(db) == "0001"


def test_a_migrated_databases_role_waits_for_nothing_without_end(bare: Engine) -> None:
    commands.upgrade(bare)
    bare.dispose()
    limits = {
        "lock_timeout": "3s",
        "statement_timeout": "5s",
        "idle_in_transaction_session_timeout": "10s",
        "transaction_timeout": "15s",
    }
    assert {name: rows(bare, f"SHOW {name}")[0][0] for name in limits} == limits


@pytest.mark.parametrize(("stands_at", "goes_to"), [("0001", "0003"), ("0003", "0003")])
def test_a_release_only_expands_a_database_from_before(
    legacy: Engine, stands_at: str, goes_to: str
) -> None:
    commands.upgrade(legacy, stands_at)
    commands.upgrade_for_release(legacy)
    with legacy.connect() as db:
        assert commands.current(db) == goes_to


def test_a_release_brings_a_new_database_to_the_newest_revision(bare: Engine) -> None:
    commands.upgrade_for_release(bare)
    commands.upgrade_for_release(bare)
    with bare.connect() as db:
        assert commands.current(db) == commands.head()
