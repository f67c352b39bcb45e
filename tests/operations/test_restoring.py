"""What a restored dump brings back, and what it does once more."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, make_url, text

from app.embedded.postgres_home import postgres_home
from app.settings import CHECKOUT
from migrations.commands import upgrade_for_release
from models.connection import make_engine
from models.deciding import decide_lane
from models.event_publishing import publish_events
from models.invariants import check_invariants
from models.lanes import lane_of
from models.round import Decider
from tests.school import School

AFTER_RESTORE = (CHECKOUT / "docs/deploying/after-restore.sql").read_text(encoding="utf-8")
GAP = 100_000


@pytest.fixture
def postgres_program(tmp_path: Path) -> Callable[..., None]:
    """Runs a program of the very server's version."""
    programs = postgres_home(tmp_path).programs

    def run(name: str, url: str, *arguments: object) -> None:
        address = make_url(url).set(drivername="postgresql")
        subprocess.run(
            [
                programs / name,
                f"--dbname={address.render_as_string(hide_password=False)}",
                *map(str, arguments),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )

    return run


@pytest.fixture
def restored(bare_database_url: str) -> Iterator[Engine]:
    """An empty database to restore into, left empty."""
    engine = make_engine(bare_database_url)
    _empty(engine)
    yield engine
    _empty(engine)
    engine.dispose()


def _empty(engine: Engine) -> None:
    with engine.begin() as db:
        db.execute(text("DROP SCHEMA public CASCADE"))
        db.execute(text("CREATE SCHEMA public"))


def rows(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    with engine.connect() as db:
        return [tuple(row) for row in db.execute(text(query))]


def address(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


OPEN = "SELECT id FROM outbox_message WHERE status = 'PENDING'"


def test_what_was_open_at_the_dump_is_done_once_more_and_what_came_later_is_gone(
    school: School,
    decider: Decider,
    restored: Engine,
    postgres_program: Callable[..., None],
    tmp_path: Path,
) -> None:
    course, dump = school.course(capacity=5), tmp_path / "dump"
    lane = lane_of(course.group_class)
    course.submit(*course.enrol_one())
    decide_lane(decider, lane)
    waiting = rows(school.engine, OPEN)
    queued = course.submit(*course.enrol_one())
    postgres_program("pg_dump", address(school.engine), "--format=custom", f"--file={dump}")
    later = course.submit(*course.enrol_one())
    decide_lane(decider, lane)
    with school.engine.begin() as db:
        assert publish_events(db, 100) == 3

    postgres_program("pg_restore", address(restored), "--no-owner", "--clean", "--if-exists", dump)
    upgrade_for_release(restored)
    with restored.begin() as db:
        db.connection.cursor().execute(AFTER_RESTORE)  # as psql does: several statements at once
    assert check_invariants(restored).violations == []
    assert rows(restored, OPEN) == waiting
    states = "SELECT id, status FROM booking_job ORDER BY arrival"
    assert rows(restored, states)[1:] == [(queued, "QUEUED")]

    decide_lane(replace(decider, engine=restored), lane)
    assert rows(restored, states)[1:] == [(queued, "SUCCEEDED")]
    assert later not in {job for job, _ in rows(restored, states)}
    with restored.begin() as db:
        assert publish_events(db, 100) == 2
    assert check_invariants(restored).violations == []


def test_after_a_restore_no_number_is_given_out_twice(school: School, decider: Decider) -> None:
    course = school.course(capacity=5)
    lane = lane_of(course.group_class)
    first, second = course.enrol(2)
    course.submit(*first)
    decide_lane(decider, lane)
    [(before, sequence)] = rows(school.engine, "SELECT id, calendar_sequence FROM booking")

    with school.engine.begin() as db:
        db.connection.cursor().execute(AFTER_RESTORE)
    [(raised,)] = rows(school.engine, "SELECT calendar_sequence FROM booking")
    assert raised > sequence
    course.submit(*second)
    decide_lane(decider, lane)
    newest = rows(school.engine, "SELECT id, calendar_sequence FROM booking ORDER BY id")[-1]
    assert newest[0] > before + GAP
    assert newest[1] >= raised
    assert check_invariants(school.engine).violations == []
