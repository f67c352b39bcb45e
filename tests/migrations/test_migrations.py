"""The revisions on data: up from the legacy shape, what is mended and listed on the way."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from migrations import commands
from tests.migrations.databases import (
    BESIDE_OLD_CODE,
    broken_rules,
    findings,
    rows,
    run,
    seats,
    stands_at,
)


def test_the_migrated_schema_is_what_the_models_say(bare: Engine) -> None:
    commands.upgrade(bare)
    commands.check(bare)


def test_every_revision_can_be_taken_back_and_made_again(bare: Engine) -> None:
    commands.upgrade(bare)
    for revision in ("contract@-1", "0003", "0002", "0001", "base"):
        commands.downgrade(bare, revision)
    left = """
        SELECT table_name FROM information_schema.tables
            WHERE table_schema = 'public' AND table_name <> 'alembic_version'
        UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    """
    assert rows(bare, left) == []
    commands.upgrade(bare)
    commands.check(bare)


def test_a_migrated_legacy_database_breaks_no_rule(legacy: Engine) -> None:
    commands.upgrade(legacy)
    assert broken_rules(legacy) == []


def test_seats_are_counted_into_session_and_ledger(legacy: Engine) -> None:
    commands.upgrade(legacy)
    assert seats(legacy) == {1: 2}
    assert rows(legacy, "SELECT session_id, change FROM seat_ledger") == [(1, 2)]


def test_an_oversold_session_gets_its_capacity_raised_audited_and_listed(legacy: Engine) -> None:
    commands.upgrade(legacy)
    assert rows(legacy, "SELECT capacity_max FROM session WHERE id = 1") == [(2,)]
    assert rows(legacy, "SELECT action, subject_id FROM audit_entry") == [
        ("session.capacity_raised", 1)
    ]
    assert findings(legacy) == [("seats_within_capacity", 1)]


def test_bookings_that_collide_are_kept_and_listed(legacy: Engine) -> None:
    run(legacy, "INSERT INTO booking (user_id, session_id) VALUES (2, 2)")
    commands.upgrade(legacy)
    assert rows(legacy, "SELECT status, during FROM booking WHERE session_id = 2") == [
        ("CONFIRMED", None)
    ]
    assert ("no_overlap", 4) in findings(legacy)


def test_a_session_that_ends_before_it_starts_is_mended_and_listed(legacy: Engine) -> None:
    run(legacy, "UPDATE session SET end_at = start_at - interval '1 hour' WHERE id = 3")
    commands.upgrade(legacy)
    assert rows(
        legacy, "SELECT end_at - start_at = interval '1 second' FROM session WHERE id = 3"
    ) == [(True,)]
    assert ("start_before_end", 3) in findings(legacy)


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


@pytest.mark.parametrize(
    "begun",
    [
        "UPDATE booking SET status = 'CANCELLED' WHERE id = 1",
        "UPDATE user_account SET name = 'Ada Lovelace' WHERE id = 2",
    ],
)
def test_what_the_old_code_has_begun_is_waited_for_and_counted_as_it_ends(
    legacy: Engine, begun: str
) -> None:
    commands.upgrade(legacy, "0002")
    with ThreadPoolExecutor() as pool, legacy.begin() as old:
        old.execute(text(begun))
        migration = pool.submit(commands.upgrade, legacy, "0003")
        with pytest.raises(TimeoutError):
            migration.result(timeout=1.2)
        # the migration waits for one table and holds none
        old.execute(text("SET LOCAL lock_timeout = '1s'"))
        old.execute(text("UPDATE booking SET status = 'CANCELLED' WHERE id = 1"))
        old.execute(text("UPDATE session SET capacity_max = 5 WHERE id = 1"))
        old.commit()
        migration.result()
    assert stands_at(legacy) == ["0003"]
    commands.upgrade(legacy, BESIDE_OLD_CODE)
    assert seats(legacy) == {1: 1}
    assert broken_rules(legacy) == []


@pytest.mark.parametrize(
    ("before", "revision"),
    [("0001", "0002"), ("0002", "0003"), ("0003", "0004"), ("0003", "0005"), ("0005", "0006")],
)
def test_a_migration_gives_up_on_a_busy_table_after_three_seconds_and_can_be_run_again(
    legacy: Engine, before: str, revision: str
) -> None:
    commands.upgrade(legacy, before)
    with legacy.begin() as old:
        old.execute(text("UPDATE booking SET status = 'CANCELLED' WHERE id = 1"))
        began = time.monotonic()
        with pytest.raises(DBAPIError, match="lock"):
            commands.upgrade(legacy, revision)
        assert 2.5 < time.monotonic() - began < 5
    assert stands_at(legacy) == [before]
    commands.upgrade(legacy, revision)
    assert stands_at(legacy) == [revision]
