"""Databases for the migrations: bare, in the legacy shape, and with both codes at work."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from benchmarks.legacy_rows import load_legacy_school
from migrations import commands
from models.connection import make_engine
from tests.migrations.databases import BESIDE_OLD_CODE, LEGACY, book_step_with_new_code, run
from tests.migrations.old_school import STEPS, OldSchool


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


@pytest.fixture
def shared(legacy: Engine) -> Engine:
    """The same database expanded, in which the new code has booked a step already."""
    commands.upgrade(legacy, BESIDE_OLD_CODE)
    book_step_with_new_code(legacy)
    return legacy


@pytest.fixture
def legacy_school(bare: Engine) -> OldSchool:
    """A school as the old code left it, expanded."""
    commands.upgrade(bare, "0001")
    with bare.begin() as db:
        load_legacy_school(db, STEPS)
        now = db.scalar(text("SELECT now()"))
    commands.upgrade(bare, BESIDE_OLD_CODE)
    assert now is not None
    return OldSchool(bare, now)


@pytest.fixture
def old_school(bare: Engine) -> OldSchool:
    """An empty school beside which the old code runs still."""
    commands.upgrade(bare, BESIDE_OLD_CODE)
    return OldSchool(bare, datetime(2030, 3, 4, 12, tzinfo=UTC))


def _empty(engine: Engine) -> None:
    run(engine, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
