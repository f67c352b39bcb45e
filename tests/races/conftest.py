"""Races: processes that decide against each other, and a database without its last defence."""

import multiprocessing
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import pytest
from sqlalchemy import Engine, text

from app.settings import Settings
from tests.emptying import empty_tables
from tests.races import racer
from tests.races.contests import Racers

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([racer.__name__])


@pytest.fixture
def racers(settings: Settings) -> Racers:
    """Several processes that decide all lanes of this database against each other."""

    @contextmanager
    def run(*without: str) -> Iterator[Counter[str]]:
        names = [f"racer{number}" for number in range(racer.RACERS)]
        running = [_start(settings.database_url, name, without) for name in names]
        logged: Counter[str] = Counter()
        try:
            for _, line in running:
                assert line.recv() == "ready"
            for _, line in running:
                line.send("go")
            yield logged
            assert all(process.is_alive() for process, _ in running), "a racer died in the race"
        finally:
            for _, line in running:
                with suppress(BrokenPipeError):  # it died
                    line.send("end")
            for process, line in running:
                logged.update(_last_words(process, line))
        if not without:
            assert not logged, "the racers met deadlocks or other errors"

    return run


def _start(url: str, name: str, without: tuple[str, ...]) -> tuple[BaseProcess, Connection]:
    here, there = PROCESSES.Pipe()
    process = PROCESSES.Process(target=racer.run, args=(there, url, name, without), daemon=True)
    process.start()
    there.close()  # so that each end notices when the other process dies
    return process, here


def _last_words(process: BaseProcess, line: Connection) -> Counter[str]:
    with line:
        logged = line.recv() if line.poll(20) else Counter()
    process.join(20)
    assert process.exitcode == 0, "a racer didn't end well"
    return logged


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
        with engine.begin() as db:
            # the rows of a race that was lost would not let the constraint back in
            empty_tables(db)
            db.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"))
