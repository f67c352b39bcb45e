"""A database connection, or the whole server, that ends in the middle of a decision."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from app.settings import Settings
from models.connection import make_engine
from models.deciding import decide_lane
from models.invariants import check_invariants
from models.round import Decider
from tests.backends import WORKERS, waiting_backends
from tests.faults.cutting_proxy import CuttingProxy
from tests.faults.stack import WorkingStack
from tests.processes import until
from tests.school import School


@pytest.fixture
def proxy(settings: Settings) -> Iterator[CuttingProxy]:
    with tempfile.TemporaryDirectory() as directory:  # short: a socket's path has few bytes
        proxy = CuttingProxy(settings.database_url, Path(directory))
        yield proxy
        proxy.close()


def test_a_commit_whose_answer_is_lost_is_found_done(
    school: School, decider: Decider, proxy: CuttingProxy
) -> None:
    course = school.course()
    jobs = [course.submit(*enrolled) for enrolled in course.enrol(3)]
    engine = make_engine(proxy.url)
    decide_lane(replace(decider, engine=engine), school.job(jobs[0]).lanes[0])
    engine.dispose()

    assert proxy.cuts == 1
    assert {(school.job(job).status, school.job(job).attempts) for job in jobs} == {
        ("SUCCEEDED", 1)
    }
    # a second round would have drawn other ids
    assert {school.job(job).result["booking"]["id"] for job in jobs} == {1, 2, 3}
    assert school.seats_taken(course.sessions[0]) == 3
    assert check_invariants(school.engine).violations == []


def test_when_the_backend_that_holds_a_lane_is_ended_everybody_proceeds(
    stack: WorkingStack,
) -> None:
    engine = stack.school.engine
    course = stack.school.course()
    held_up, behind = stack.submit(course, 2)
    with stack.held("user_account", stack.school.job(held_up).user_id):
        stack.wake([held_up])
        stack.await_waiting()
        [other] = stack.submit(stack.school.course())
        stack.wake([other])
        stack.await_status([other])  # another lane isn't held up at all

        [backend] = waiting_backends(engine, WORKERS)
        with engine.begin() as db:
            assert db.scalar(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
        until(lambda: backend not in waiting_backends(engine, WORKERS), 10, "the backend's end")

    stack.await_status([held_up, behind])
    assert stack.school.job(held_up).attempts == 1
    stack.assert_settled(bookings=3)
