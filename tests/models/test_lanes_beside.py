"""Lanes that a round holds beside its own: nobody is forgotten there, and nobody harmed."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from app.settings import Settings
from models import deciding
from models import round as rounds
from models.connection import make_engine
from models.deciding import Visit, decide_lane, decide_lanes
from models.promotion_jobs import Queued
from models.round import Decider
from models.sweeping import sweep
from tests.models.test_claiming import at_look
from tests.models.test_locked_rows import lane_of, locked
from tests.models.test_suspects import outcomes
from tests.school import School

SECONDS = 10
"""Half of the time for which the test lets a lock be waited for."""
BATCH = 3
HELD = 1
"""The look at the clock at which a round holds its lanes and has marked them."""


class Late:
    """A job that comes while its lane is held beside another, and whose wake-up finds it taken."""

    def __init__(self, school: School, decider: Decider) -> None:
        self.school, self.decider = school, decider
        self.course = school.course()
        self.first = self.course.submit(*self.course.enrol_one())
        self.lane = lane_of(school, self.first)
        self.jobs: list[UUID] = []

    def come(self) -> None:
        self.jobs.append(self.course.submit(*self.course.enrol_one()))
        assert decide_lane(self.decider, self.lane).decided == 0

    def statuses(self) -> list[str]:
        return [self.school.job(job).status for job in [self.first, *self.jobs]]


def visit_lane(decider: Decider, lane: int, until: Callable[[], bool] = lambda: False) -> Visit:
    visit = Visit()
    decide_lanes(decider, [lane], until=until, visit=visit)
    return visit


def breaks(decider: Decider, first: Callable[[], None] = lambda: None) -> Decider:
    """A decider whose first round breaks when it holds its lanes."""

    def break_it() -> None:
        first()
        raise ZeroDivisionError

    return at_look(HELD, decider, break_it)


def test_a_lane_that_was_held_for_a_round_that_broke_is_looked_at_again(
    school: School, decider: Decider
) -> None:
    own = school.course()
    job = own.submit(*own.enrol_one())
    late = Late(school, decider)
    visit_lane(breaks(decider, late.come), lane_of(school, job))
    assert late.statuses() == ["SUCCEEDED", "SUCCEEDED"]
    assert outcomes(school, [job]) == [("SUCCEEDED", 1)]
    assert school.rows("SELECT lane FROM deciding_marker") == []


def test_a_lane_that_was_held_for_a_round_that_was_cut_off_is_looked_at_again(
    school: School, decider: Decider, settings: Settings, engine: Engine
) -> None:
    own = school.course()
    job = own.submit(*own.enrol_one())
    late = Late(school, decider)
    cut = make_engine(settings.database_url, application="cut")

    def come_and_cut() -> None:
        late.come()
        with engine.connect() as db:
            db.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'cut'"
                )
            )

    visit_lane(at_look(HELD, replace(decider, engine=cut), come_and_cut), lane_of(school, job))
    cut.dispose()
    assert late.statuses() == ["SUCCEEDED", "SUCCEEDED"]
    assert school.rows("SELECT lane FROM deciding_marker") == []


def test_the_sweep_looks_again_at_a_lane_that_it_held_beside_another(
    school: School, decider: Decider
) -> None:
    own = school.course()
    own.submit(*own.enrol_one(), at=school.now - timedelta(minutes=1))
    late = Late(school, decider)
    # the sweep itself looks at the clock first
    sweep(at_look(1 + HELD, decider, late.come))
    assert late.statuses() == ["SUCCEEDED", "SUCCEEDED"]


def test_a_lane_is_marked_with_its_own_jobs_only(school: School, decider: Decider) -> None:
    """Who comes after a crash suspects them one by one, and would look for the others in vain."""
    courses = [school.course() for _ in range(3)]
    jobs = [course.submit(*course.enrol_one()) for course in courses]
    marked: list[tuple[int, list[UUID]]] = []

    def look() -> None:
        marked.extend(school.rows("SELECT lane, job_ids FROM deciding_marker"))

    decide_lane(at_look(HELD, decider, look), lane_of(school, jobs[0]))
    assert sorted(marked) == sorted((lane_of(school, job), [job]) for job in jobs)


def test_a_locked_row_of_one_lane_holds_up_no_other_for_long(
    school: School, decider: Decider, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "LOCK_TIMEOUT", "20s")
    own, other = school.course(), school.course()
    job = own.submit(*own.enrol_one())
    other.submit(*other.enrol_one())
    with locked(engine, "group_class", other.group_class):
        began = time.monotonic()
        assert decide_lane(decider, lane_of(school, job)).decided == 1
        assert time.monotonic() - began < SECONDS


def test_a_visit_that_broke_with_other_lanes_holds_none_any_more(
    school: School, decider: Decider
) -> None:
    """Each of its rounds would break again, and wait for a locked row before."""
    own, other = school.course(), school.course()
    lane, visit = lane_of(school, own.submit(*own.enrol_one())), Visit()
    job = other.submit(*other.enrol_one())
    decide_lane(breaks(decider), lane, visit=visit)
    assert visit.beside == {lane_of(school, job)}

    own.submit(*own.enrol_one())
    decide_lane(decider, lane, visit=visit)
    assert (visit.decided, school.job(job).status) == (2, "QUEUED")


def test_a_full_batch_in_one_of_the_lanes_hides_nobody_in_another(
    school: School, decider: Decider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (rounds, deciding):
        monkeypatch.setattr(module, "BATCH", BATCH)
    own = school.course()
    job = own.submit(*own.enrol_one())
    full, late = Late(school, decider), Late(school, decider)

    def come() -> None:
        for _ in range(BATCH):
            full.come()
        late.come()

    visit_lane(at_look(HELD, decider, come), lane_of(school, job))
    assert set(full.statuses() + late.statuses()) == {"SUCCEEDED"}


def test_who_has_to_stop_tells_of_lanes_that_were_held_and_not_looked_at_again(
    school: School, decider: Decider
) -> None:
    own = school.course()
    job = own.submit(*own.enrol_one())
    late = Late(school, decider)
    waiting = decide_lanes(
        at_look(HELD, decider, late.come),
        [lane_of(school, job)],
        until=lambda: bool(late.jobs),
        visit=Visit(),
    )
    assert late.statuses() == ["SUCCEEDED", "QUEUED"]
    assert waiting == [Queued(late.jobs[0], late.lane)]
