"""How far a release goes, whom it waits for, what it says and which role it limits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from alembic.util import CommandError
from sqlalchemy import Engine, make_url, text

from app.embedded import throwaway_postgres
from migrations import commands
from models.connection import make_engine
from tests.migrations.databases import (
    LEGACY,
    book_step_with_new_code,
    broken_rules,
    rows,
    run,
    seats,
    stands_at,
    waits_for,
)

LIMITS = {
    "lock_timeout": "3s",
    "statement_timeout": "5s",
    "idle_in_transaction_session_timeout": "10s",
    "transaction_timeout": "15s",
}
SETTINGS = LIMITS | {"random_page_cost": "1.1"}
SETTINGS_OF_THE_ROLE = """
SELECT unnest(setconfig) FROM pg_db_role_setting
    JOIN pg_database ON pg_database.oid = setdatabase JOIN pg_roles ON pg_roles.oid = setrole
    WHERE datname = current_database() AND rolname = current_user
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [("0001", ["0008"]), ("0003", ["0008"]), ("0006", ["0008"]), ("0004", ["0004", "0008"])],
)
def test_a_release_expands_a_database_from_before_and_contracts_none(
    legacy: Engine, before: str, after: list[str]
) -> None:
    commands.upgrade(legacy, before)
    commands.upgrade_for_release(legacy)
    assert stands_at(legacy) == after


def test_a_release_brings_a_new_database_to_the_newest_revision(bare: Engine) -> None:
    commands.upgrade_for_release(bare)
    commands.upgrade_for_release(bare)
    assert stands_at(bare) == commands.newest()


def test_of_releases_at_once_one_migrates_and_the_others_find_nothing_to_do(bare: Engine) -> None:
    together = Barrier(3)

    def release() -> None:
        together.wait()
        commands.upgrade_for_release(bare)

    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(release) for _ in range(3)]:
            done.result()
    assert stands_at(bare) == commands.newest()
    commands.check(bare)


def test_a_migration_waits_for_another_for_longer_than_its_role_may(bare: Engine) -> None:
    commands.upgrade(bare)
    for limit in LIMITS:
        run(bare, f"ALTER ROLE CURRENT_USER IN DATABASE {bare.url.database} SET {limit} = '200ms'")
    limited = make_engine(bare.url.render_as_string(hide_password=False))
    with ThreadPoolExecutor() as pool, bare.connect() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(hashtext('thrive migration'))"))
        waiting = pool.submit(commands.downgrade, limited, "base")
        with pytest.raises(TimeoutError):
            waiting.result(timeout=1)
        other.rollback()
        waiting.result()
    limited.dispose()
    assert stands_at(bare) == []


@pytest.mark.parametrize("command", [commands.upgrade, commands.upgrade_for_release])
def test_tables_without_a_revision_are_left_alone_and_told_how_to_stamp(
    legacy: Engine, command: Callable[[Engine], None]
) -> None:
    run(legacy, "DROP TABLE alembic_version")
    with pytest.raises(
        CommandError, match=r"INSERT INTO alembic_version VALUES \('0001'\)"
    ) as told:
        command(legacy)
    assert len(str(told.value).splitlines()) == 1
    assert stands_at(legacy) == []
    run(
        legacy,
        "CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) PRIMARY KEY);"
        " INSERT INTO alembic_version VALUES ('0001')",
    )
    commands.upgrade_for_release(legacy)
    assert stands_at(legacy) == ["0008"]


def test_the_role_is_limited_from_the_revision_on_that_the_application_needs(bare: Engine) -> None:
    commands.upgrade(bare)
    commands.downgrade(bare, "base")
    for revision in ("0001", "0002"):
        commands.upgrade(bare, revision)
        assert rows(bare, SETTINGS_OF_THE_ROLE) == []
    commands.upgrade(bare, "0003")
    bare.dispose()
    assert {name: rows(bare, f"SHOW {name}")[0][0] for name in SETTINGS} == SETTINGS
    commands.downgrade(bare, "0002")
    assert rows(bare, SETTINGS_OF_THE_ROLE) == []


def test_both_codes_work_with_a_role_each_and_only_the_new_ones_is_limited() -> None:
    with throwaway_postgres() as server:
        old = make_engine(server.url)
        commands.upgrade(old, "0001")
        run(old, LEGACY)
        admin = make_engine(server.url_of("thrive", superuser=True))
        run(admin, "CREATE ROLE thrive_booking LOGIN PASSWORD 'secret' IN ROLE thrive")
        admin.dispose()
        url = make_url(server.url).set(username="thrive_booking", password="secret")
        new = make_engine(url.render_as_string(hide_password=False))
        commands.upgrade_for_release(new)
        new.dispose()
        old.dispose()

        book_step_with_new_code(new)
        run(new, waits_for(1))
        # triggers write for the old role what it may not write itself
        run(old, "UPDATE student_course_step_progress SET status = 'UNBOOKED' WHERE id = 1")
        run(old, "INSERT INTO booking (user_id, session_id) VALUES (3, 1)")
        run(old, "UPDATE session SET start_at = start_at - interval '1 minute' WHERE id = 1")
        assert seats(new) == {1: 3}
        assert broken_rules(new) == []
        run(old, "UPDATE booking SET status = 'CANCELLED' WHERE session_id = 1")
        assert rows(new, "SELECT session_id FROM booking_job WHERE kind = 'PROMOTE'") == [(1,)]
        run(old, "DELETE FROM student_course_step_progress WHERE id = 1")
        assert rows(new, "SELECT FROM waitlist_entry") == []
        assert rows(new, "SHOW statement_timeout") == [("5s",)]
        assert rows(old, "SHOW statement_timeout") == [("0",)]
        old.dispose()
        new.dispose()
