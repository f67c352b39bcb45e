"""Indexes that take longer the longer the outbox is: who waits for them, who may build them."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from migrations import commands
from tests.migrations.databases import rows, run, stands_at

VALID = """
SELECT indexrelid::regclass::text, indisvalid FROM pg_index
WHERE indexrelid::regclass::text IN ('ix_outbox_message_never_sent', 'ix_outbox_message_resend_of')
ORDER BY 1
"""
BOTH = [("ix_outbox_message_never_sent", True), ("ix_outbox_message_resend_of", True)]
BUILD_BY_HAND = """
CREATE INDEX CONCURRENTLY ix_outbox_message_never_sent ON outbox_message (status, kind, id)
    WHERE status IN ('DEAD', 'SUPERSEDED')
"""


@pytest.fixture
def before(bare: Engine) -> Engine:
    commands.upgrade(bare, "0006")
    return bare


def build_by_hand(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("SET lock_timeout = '300ms'"))
        try:
            db.execute(text(BUILD_BY_HAND))
        finally:
            db.execute(text("RESET lock_timeout"))


def test_they_are_built_while_the_site_is_at_work(before: Engine) -> None:
    with before.begin() as site:
        site.execute(text("LOCK TABLE booking, user_account, booking_job IN ROW EXCLUSIVE MODE"))
        site.execute(text("SELECT count(*) FROM outbox_message"))
        commands.upgrade(before, "0007")
    assert rows(before, VALID) == BOTH


def test_they_are_not_built_while_a_message_is_being_written_and_can_be_later(
    before: Engine,
) -> None:
    with before.begin() as site:
        site.execute(text("LOCK TABLE outbox_message IN ROW EXCLUSIVE MODE"))
        with pytest.raises(DBAPIError, match="lock"):
            commands.upgrade(before, "0007")
    assert stands_at(before) == ["0006"]
    commands.upgrade(before, "0007")
    assert rows(before, VALID) == BOTH


def test_one_that_was_built_by_hand_is_found(before: Engine) -> None:
    build_by_hand(before)
    of_hand = "SELECT to_regclass('ix_outbox_message_never_sent')::oid"
    by_hand = rows(before, of_hand)
    commands.upgrade(before, "0007")
    assert rows(before, of_hand) == by_hand
    assert rows(before, VALID) == BOTH


def test_one_that_was_left_unfinished_is_built_anew(before: Engine) -> None:
    with before.connect().execution_options(isolation_level="REPEATABLE READ") as backup:
        backup.execute(text("SELECT count(*) FROM outbox_message"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            build_by_hand(before)
    assert rows(before, VALID) == [("ix_outbox_message_never_sent", False)]
    commands.upgrade(before, "0007")
    assert rows(before, VALID) == BOTH


def test_they_go_without_anything_else(before: Engine) -> None:
    run(
        before,
        "INSERT INTO outbox_message (id, kind, topic, payload, resend_of)"
        " VALUES (gen_random_uuid(), 'MAIL', 'x', '{}', gen_random_uuid())",
    )
    commands.upgrade(before, "0007")
    commands.downgrade(before, "0006")
    assert rows(before, VALID) == []
    assert rows(before, "SELECT count(resend_of) FROM outbox_message") == [(1,)]
