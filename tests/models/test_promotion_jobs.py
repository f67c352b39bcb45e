"""One job at a time looks at a session's line, whoever asks for it."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from models.booking_job import JobKind, Priority
from models.desk import SYSTEM
from models.promotion_jobs import queue_promotions_of
from models.round import Decider
from models.submitting import Request, Target, submit
from tests.deciding import decide_all
from tests.school import Course, School

OPEN = "status = 'QUEUED'"
BEHIND = """'{"after": 7}'"""
"""Says that the look goes on behind this entry."""


@pytest.fixture
def waited_for(school: School, decider: Decider) -> Course:
    """A session with a free seat that somebody waits for, unknown to the queue."""
    course = school.course(capacity=1)
    course.pupil().book()
    course.pupil().join(course.sessions[0])
    decide_all(decider)
    school.change("session", course.sessions[0], capacity_max=2)
    return course


def open_jobs(school: School) -> list[tuple[object, ...]]:
    return school.rows(f"SELECT kind, session_id, request FROM booking_job WHERE {OPEN}")


def test_a_second_look_at_the_line_is_the_first_one_made_wider(
    school: School, engine: Engine, waited_for: Course
) -> None:
    (session,) = waited_for.sessions
    with engine.begin() as db:
        assert len(queue_promotions_of(db, [session], school.now)) == 1
        db.execute(text(f"UPDATE booking_job SET request = request || {BEHIND} WHERE {OPEN}"))
    with engine.begin() as db:
        assert queue_promotions_of(db, [session], school.now) == []

    assert open_jobs(school) == [("PROMOTE", session, {"session_id": session})]
    assert len(school.rows("SELECT job_id FROM job_queue")) == 1


def test_a_session_that_has_started_or_is_full_is_not_looked_at(
    school: School, engine: Engine, waited_for: Course
) -> None:
    (session,) = waited_for.sessions
    with engine.begin() as db:
        assert queue_promotions_of(db, [session], school.now + timedelta(days=3)) == []
    school.change("session", session, capacity_max=1)
    with engine.begin() as db:
        assert queue_promotions_of(db, [session], school.now) == []


def promotion(session: int, key: str | None = None) -> Request:
    return Request(
        kind=JobKind.PROMOTE,
        submitted_by=SYSTEM,
        target=Target(lanes=frozenset({1}), user_id=SYSTEM, session_id=session),
        body={"session_id": session},
        priority=Priority.WAITLIST,
        idempotency_key=key,
    )


def test_a_promotion_that_waits_already_is_not_accepted_again(
    school: School, engine: Engine, waited_for: Course
) -> None:
    (session,) = waited_for.sessions
    with engine.begin() as db:
        first = submit(db, promotion(session), school.now)
        again = submit(db, promotion(session), school.now)

    assert first.job is not None
    assert (again.job, again.earlier) == (None, None)
    assert len(open_jobs(school)) == 1


def test_a_key_that_was_used_a_moment_ago_leads_to_its_job(school: School, engine: Engine) -> None:
    with engine.begin() as db:
        first = submit(db, promotion(7, "one key"), school.now)
        again = submit(db, promotion(8, "one key"), school.now)

    assert first.job is not None
    assert again.earlier is not None
    assert (again.job, again.earlier.id) == (None, first.job.id)
