"""Races: processes that decide against each other, and a database without its last defence."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from sqlalchemy import Engine, text

from app.settings import CHECKOUT, Settings
from models.schema import metadata
from tests.races.contests import Racers
from tests.races.racer import RACERS


@pytest.fixture
def racers(settings: Settings) -> Racers:
    """Several processes that decide all lanes of this database against each other."""

    @contextmanager
    def run(*options: str) -> Iterator[None]:
        with ExitStack() as running:
            for number in range(RACERS):
                running.enter_context(_racer(settings.database_url, f"racer{number}", *options))
            yield

    return run


@contextmanager
def _racer(database_url: str, name: str, *options: str) -> Iterator[None]:
    racer = subprocess.Popen(
        [sys.executable, "-m", "tests.races.racer", database_url, name, *options],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert racer.stdin is not None
    assert racer.stdout is not None
    try:
        assert racer.stdout.readline() == b"ready\n"
        yield
        assert racer.poll() is None, f"{name} died in the race"
    finally:
        racer.stdin.close()
        racer.wait(20)
        racer.stdout.close()


@pytest.fixture
def no_seat_check(engine: Engine) -> Iterator[None]:
    """The database takes as many bookings of a session as it is given."""
    with _without_constraint(engine, "session", "ck_session_seats_taken"):
        yield


@pytest.fixture
def no_overlap_check(engine: Engine) -> Iterator[None]:
    """The database takes bookings of one student at the same time."""
    with _without_constraint(engine, "booking", "ex_booking_user_during"):
        yield


@contextmanager
def _without_constraint(engine: Engine, table: str, name: str) -> Iterator[None]:
    with engine.begin() as db:
        definition = db.scalar(
            text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name"),
            {"name": name},
        )
        db.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
    try:
        yield
    finally:
        everything = ", ".join(table.name for table in metadata.sorted_tables)
        with engine.begin() as db:
            # the rows of a race that was lost would not let the constraint back in
            db.execute(text("SET LOCAL thrive.maintenance = 'on'"))
            db.execute(text(f"TRUNCATE {everything} RESTART IDENTITY CASCADE"))
            db.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"))
