"""Jobs over which a batch broke, or a process died, and what comes between them and their turn."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from app.settings import Settings
from models.connection import make_engine
from models.deciding import decide_lane
from models.round import Decider, take_lane
from models.sweeping import sweep
from models.withdrawing import withdraw
from tests.models.test_locked_rows import lane_of
from tests.models.test_turns import died_over
from tests.school import School

BREAKS_FOR_SOME = """
CREATE FUNCTION break_for_some() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.user_id IN ({users}) THEN PERFORM FROM nowhere; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER break_for_some BEFORE INSERT ON booking
    FOR EACH ROW EXECUTE FUNCTION break_for_some()
"""


@contextmanager
def broken_for(engine: Engine, *users: int) -> Iterator[None]:
    """As if the schema weren't what it was, where these students' bookings are concerned."""
    with engine.begin() as db:
        db.execute(text(BREAKS_FOR_SOME.format(users=", ".join(map(str, users)))))
    try:
        yield
    finally:
        with engine.begin() as db:
            db.execute(text("DROP FUNCTION break_for_some CASCADE"))


@pytest.fixture
def watched(settings: Settings) -> Iterator[Engine]:
    """An engine of the decider's own, to listen to."""
    engine = make_engine(settings.database_url)
    yield engine
    engine.dispose()


def submitted(school: School, count: int) -> tuple[list[int], list[UUID], int]:
    """Students, their jobs, and the lane in which all of them wait."""
    course = school.course()
    enrolled = course.enrol(count)
    jobs = [course.submit(*one) for one in enrolled]
    return [student for student, _ in enrolled], jobs, lane_of(school, jobs[0])


def outcomes(school: School, jobs: list[UUID]) -> list[tuple[str, int]]:
    return [(school.job(job).status, school.job(job).attempts) for job in jobs]


def test_who_finds_the_lane_taken_leaves_at_once(
    school: School, decider: Decider, engine: Engine
) -> None:
    _, jobs, lane = submitted(school, 1)
    with engine.begin() as rival:
        assert take_lane(rival, lane)
        assert decide_lane(decider, lane).decided == 0
        assert outcomes(school, jobs) == [("QUEUED", 0)]
    assert decide_lane(decider, lane).decided == 1


def test_a_suspect_that_was_withdrawn_meanwhile_is_suspected_no_longer(
    school: School, decider: Decider, engine: Engine
) -> None:
    (student, _), (suspect, other), lane = submitted(school, 2)
    died_over(engine, lane, suspect)
    with engine.begin() as db:
        withdraw(db, suspect, student, school.now)

    assert decide_lane(decider, lane).decided == 1
    assert outcomes(school, [suspect, other]) == [("WITHDRAWN", 0), ("SUCCEEDED", 1)]
    assert school.rows("SELECT lane FROM deciding_marker") == []


def test_suspects_wait_for_who_took_the_lane_before_their_turn(
    school: School, decider: Decider, engine: Engine, watched: Engine
) -> None:
    _, jobs, lane = submitted(school, 1)
    died_over(engine, lane, jobs[0])
    with engine.connect() as rival:

        def take_it(*_: object) -> None:
            assert take_lane(rival, lane)

        # the round that found the marker has just ended
        event.listen(watched, "checkin", take_it, once=True)
        assert decide_lane(replace(decider, engine=watched), lane).decided == 0
        assert outcomes(school, jobs) == [("QUEUED", 0)]
    assert decide_lane(decider, lane).decided == 1


def test_a_job_that_alone_meets_what_others_may_meet_too_is_given_up(
    school: School, decider: Decider, engine: Engine
) -> None:
    students, jobs, lane = submitted(school, 3)
    with broken_for(engine, students[1]):
        decide_lane(decider, lane)
    assert outcomes(school, jobs) == [("SUCCEEDED", 1), ("FAILED", 5), ("SUCCEEDED", 1)]


def test_jobs_in_doubt_wait_for_who_took_the_lane_before_their_turn(
    school: School, decider: Decider, engine: Engine, watched: Engine
) -> None:
    students, jobs, lane = submitted(school, 3)
    errors: list[object] = []
    event.listen(watched, "handle_error", errors.append)
    with broken_for(engine, *students[1:]), engine.connect() as rival:

        def take_it(*_: object) -> None:
            # the batch broke, and then each of the two by itself
            if len(errors) == 3 and not rival.in_transaction():
                assert take_lane(rival, lane)

        event.listen(watched, "checkin", take_it)
        assert decide_lane(replace(decider, engine=watched), lane).decided == 1
        assert outcomes(school, jobs) == [("SUCCEEDED", 1), ("QUEUED", 0), ("QUEUED", 0)]
        assert rival.in_transaction()
    assert decide_lane(decider, lane).decided == 2


def test_a_fault_that_passes_too_late_for_a_suspect_is_raised_and_no_attempt(
    school: School, decider: Decider, engine: Engine, watched: Engine
) -> None:
    _, jobs, lane = submitted(school, 1)
    died_over(engine, lane, jobs[0])
    event.listen(watched, "begin", lambda db: db.exec_driver_sql("SET TRANSACTION READ ONLY"))
    with pytest.raises(DBAPIError, match="read-only"):
        decide_lane(replace(decider, engine=watched), lane)
    assert outcomes(school, jobs) == [("QUEUED", 0)]


def test_a_sweep_that_must_end_leaves_the_lanes_to_the_next(
    school: School, decider: Decider
) -> None:
    course = school.course()
    job = course.submit(*course.enrol_one(), at=school.now - timedelta(minutes=1))

    assert sweep(decider, lambda: True) == 0
    assert school.job(job).status == "QUEUED"
    assert sweep(decider) == 1
