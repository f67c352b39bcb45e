"""Whose fault an error is: a job's own counts as its attempts, the database's never does."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DataError, DBAPIError

from app.settings import Settings
from models.connection import make_engine
from models.database_faults import is_doubtful, is_locked_out, is_passing
from models.deciding import decide_lane
from models.round import Decider
from tests.models.test_locked_rows import lane_of, locked
from tests.models.test_turns import died_over
from tests.processes import until
from tests.school import School

SLEEP = "SELECT pg_sleep(2)"
LOCK_TOO = "SELECT pg_advisory_xact_lock(7)"


def error_of(engine: Engine, *statements: str) -> DBAPIError:
    """What the database answers to the last of these statements, or to one before."""
    try:
        with engine.connect() as db:
            for statement in statements:
                db.execute(text(statement))
    except DBAPIError as error:
        return error
    raise AssertionError("nothing failed")


@pytest.mark.parametrize(
    "statements",
    [
        ("SET LOCAL transaction_timeout = 0", "SET LOCAL transaction_timeout = 20", SLEEP),
        ("SELECT pg_terminate_backend(pg_backend_pid())",),
        ("SET LOCAL lock_timeout = 10", LOCK_TOO),
        ("SET TRANSACTION READ ONLY", "UPDATE session SET status = status"),
    ],
    ids=["transaction too long", "terminated", "locked out", "read-only"],
)
def test_what_the_database_does_is_passing(engine: Engine, statements: tuple[str, ...]) -> None:
    with engine.connect() as rival:
        rival.execute(text(LOCK_TOO))
        error = error_of(engine, *statements)
    assert is_passing(error)
    assert not is_doubtful(error)
    assert is_locked_out(error) == (LOCK_TOO in statements)


@pytest.mark.parametrize(
    ("statement", "doubtful"),
    [
        ("SELECT 1 / 0", False),
        ("INSERT INTO booking (user_id, session_id, group_class_id) VALUES (1, 1, 1)", False),
        ("SELECT nothing", True),
        ("SELECT FROM nowhere", True),
    ],
)
def test_what_the_work_does_is_its_own(engine: Engine, statement: str, *, doubtful: bool) -> None:
    error = error_of(engine, statement)
    assert not is_passing(error)
    assert is_doubtful(error) == doubtful


def test_work_that_takes_too_long_may_be_what_is_wrong(engine: Engine) -> None:
    assert not is_passing(error_of(engine, "SET LOCAL statement_timeout = 10", SLEEP))


def test_a_transaction_that_idled_too_long_is_passing(engine: Engine) -> None:
    with engine.connect() as db:
        db.execute(text("SET LOCAL idle_in_transaction_session_timeout = 10"))
        error = until(lambda: fault_of(db), every=0.05)
    assert is_passing(error)


def fault_of(db: Connection) -> DBAPIError | None:
    try:
        db.execute(text("SELECT 1"))
    except DBAPIError as error:
        return error
    return None


def submitted(school: School, count: int = 3) -> list[UUID]:
    course = school.course()
    return [course.submit(*one) for one in course.enrol(count)]


def outcomes(school: School, jobs: list[UUID]) -> set[tuple[str, int]]:
    return {(school.job(job).status, school.job(job).attempts) for job in jobs}


def test_a_lost_connection_costs_another_round_and_no_attempt(
    school: School, decider: Decider, settings: Settings
) -> None:
    jobs = submitted(school)
    watched = make_engine(settings.database_url)
    lost: list[int] = []

    def lose_the_first_decision(connection: Connection) -> None:
        pid = connection.connection.dbapi_connection.info.backend_pid
        with school.engine.begin() as db:
            if not lost and db.scalar(text(HOLDS_A_LANE), {"pid": pid}):
                lost.append(pid)
                db.execute(text("SELECT pg_terminate_backend(:pid, 1000)"), {"pid": pid})

    event.listen(watched, "commit", lose_the_first_decision)
    decide_lane(replace(decider, engine=watched), lane_of(school, jobs[0]))
    watched.dispose()

    assert lost
    assert outcomes(school, jobs) == {("SUCCEEDED", 1)}
    assert len({school.job(job).decided_at for job in jobs}) == 1, "decided together"


def test_a_schema_that_is_not_what_it_was_fails_no_job(
    school: School, decider: Decider, engine: Engine
) -> None:
    jobs = submitted(school)
    with renamed(engine, "seat_ledger"), pytest.raises(DBAPIError):
        decide_lane(decider, lane_of(school, jobs[0]))
    assert outcomes(school, jobs) == {("QUEUED", 0)}
    decide_lane(decider, lane_of(school, jobs[0]))
    assert outcomes(school, jobs) == {("SUCCEEDED", 1)}


def test_a_database_that_lets_itself_only_be_read_fails_no_job(
    school: School, decider: Decider, settings: Settings
) -> None:
    jobs = submitted(school)
    read_only = make_engine(settings.database_url)
    event.listen(read_only, "begin", lambda db: db.exec_driver_sql("SET TRANSACTION READ ONLY"))
    with pytest.raises(DBAPIError, match="read-only"):
        decide_lane(replace(decider, engine=read_only), lane_of(school, jobs[0]))
    read_only.dispose()
    assert outcomes(school, jobs) == {("QUEUED", 0)}


def test_a_job_that_breaks_alone_is_given_up_and_its_neighbours_are_not(
    school: School, decider: Decider, engine: Engine
) -> None:
    jobs = submitted(school)
    with engine.begin() as db:
        db.execute(
            text("UPDATE booking_job SET request = '{}'::jsonb WHERE id = :id"), {"id": jobs[1]}
        )
    decide_lane(decider, lane_of(school, jobs[0]))
    assert outcomes(school, [jobs[1]]) == {("FAILED", 5)}
    assert outcomes(school, [jobs[0], jobs[2]]) == {("SUCCEEDED", 1)}


def test_a_job_that_can_not_even_be_given_up_stops_the_visit(
    school: School, decider: Decider
) -> None:
    [job] = submitted(school, 1)
    began = time.monotonic()
    # no column takes this text, so neither an outcome nor the giving up can be written
    with pytest.raises(DataError):
        decide_lane(replace(decider, task_id="a\x00b"), lane_of(school, job))
    assert time.monotonic() - began < 30
    assert school.job(job).status == "QUEUED"


def test_a_passing_fault_of_a_job_decided_alone_is_no_attempt(
    school: School, decider: Decider, engine: Engine
) -> None:
    course = school.course()
    student, package = course.enrol_one()
    job = course.submit(student, package)
    died_over(engine, lane_of(school, job), job)
    with locked(engine, "user_account", student):
        visit = decide_lane(decider, lane_of(school, job))
    assert visit.left == {job}
    assert outcomes(school, [job]) == {("QUEUED", 0)}


HOLDS_A_LANE = "SELECT true FROM pg_locks WHERE locktype = 'advisory' AND pid = :pid LIMIT 1"


@contextmanager
def renamed(engine: Engine, table: str) -> Iterator[None]:
    with engine.begin() as db:
        db.execute(text(f"ALTER TABLE {table} RENAME TO gone"))
    try:
        yield
    finally:
        with engine.begin() as db:
            db.execute(text(f"ALTER TABLE gone RENAME TO {table}"))
