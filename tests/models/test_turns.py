"""Jobs of one package are decided in the order of their acceptance."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from models import deciding
from models import round as rounds
from models.deciding import Visit, decide_lane, decide_lanes
from models.lanes import LANES
from models.round import Decider, take_lane
from tests.deciding import decide_all
from tests.models.test_claiming import at_look
from tests.models.test_locked_rows import lane_of, locked
from tests.races.academy import make_academy
from tests.school import DAY, Course, Pupil, School

HELD_BESIDE = 1


def two_lanes(school: School) -> tuple[Course, int]:
    """A course whose step has a second option, in a class of another lane."""
    course = school.course()
    elsewhere = school.group_class()
    school.session(elsewhere)
    return course, school.option(course.step, elsewhere)


def older_and_younger(school: School, course: Course, option: int) -> tuple[UUID, UUID]:
    student, package = course.enrol_one()
    older = course.submit(student, package)
    younger = school.submit(student, package, course.step, option)
    assert lane_of(school, older) != lane_of(school, younger)
    return older, younger


def test_jobs_of_one_package_are_decided_in_their_order_across_lanes(
    school: School, decider: Decider, engine: Engine
) -> None:
    course, other_option = two_lanes(school)
    older, younger = older_and_younger(school, course, other_option)
    with locked(engine, "group_class", course.group_class):
        visit = decide_lane(decider, lane_of(school, younger))
    assert (visit.decided, visit.left) == (0, {younger})

    assert decide_lane(decider, lane_of(school, younger)).decided == 2
    assert school.job(older).status == "SUCCEEDED"
    assert school.job(younger).error["code"] == "step_already_booked"


def died_over(engine: Engine, lane: int, job: UUID) -> None:
    """What another process leaves behind when it dies while it decides this job."""
    with engine.begin() as db:
        db.execute(
            text(
                "INSERT INTO deciding_marker (lane, job_ids, written_by)"
                " VALUES (:lane, ARRAY[:job]::uuid[], :somebody)"
            ),
            {"lane": lane, "job": job, "somebody": uuid4()},
        )


def test_a_job_decided_alone_waits_for_its_turn_too(
    school: School, decider: Decider, engine: Engine
) -> None:
    """Another process died over the younger job, and left its marker."""
    older, younger = older_and_younger(school, *two_lanes(school))
    lane = lane_of(school, younger)
    died_over(engine, lane, younger)
    decide_lane(decider, lane)
    assert school.job(older).status == "SUCCEEDED"
    assert school.job(younger).error["code"] == "step_already_booked"
    assert school.job(younger).attempts == 1


def test_jobs_that_wait_for_their_turn_keep_nobody_from_theirs(
    school: School, decider: Decider, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "BATCH", 3)
    course, other_option = two_lanes(school)
    pairs = [older_and_younger(school, course, other_option) for _ in range(4)]
    student, package = course.enrol_one()
    behind = school.submit(student, package, course.step, other_option)
    with locked(engine, "group_class", course.group_class):
        decide_lane(decider, lane_of(school, behind))

    assert school.job(behind).status == "SUCCEEDED"
    assert {school.job(job).status for pair in pairs for job in pair} == {"QUEUED"}


@pytest.mark.parametrize("lanes", [range(LANES), range(LANES)[::-1]], ids=["up", "down"])
def test_what_one_student_asks_at_once_is_done_in_the_order_of_asking(
    school: School, decider: Decider, sound: None, lanes: Any
) -> None:
    course, other_option = two_lanes(school)
    pupil = course.pupil()
    jobs = [
        pupil.book(),
        pupil.change(option=other_option),
        pupil.cancel(),
        pupil.book(option=other_option),
        pupil.change(),
    ]
    assert len({lane_of(school, job) for job in jobs}) >= 2
    for lane in list(lanes):
        decide_lane(decider, lane)

    assert [school.job(job).status for job in jobs] == ["SUCCEEDED"] * 5
    assert pupil.sits_in() == course.sessions[0]
    assert school.rows("SELECT status FROM booking ORDER BY id") == [
        ("CANCELLED",),
        ("CANCELLED",),
        ("CANCELLED",),
        ("CONFIRMED",),
    ]


def two_steps(school: School) -> tuple[Course, int, int]:
    """A course of two steps whose classes are of two lanes, the second with one seat only."""
    course = school.course()
    second = school.step(course.program, 2)
    small = school.group_class(capacity=1)
    option = school.option(second, small)
    school.session(small, 5 * DAY)
    assert small % LANES != course.group_class % LANES
    return course, second, option


def lanes_of_bulk(school: School, job: UUID) -> list[int]:
    lanes = school.job(job).lanes
    assert len(lanes) == 2
    return list(lanes)


@pytest.mark.parametrize("which", [min, max])
def test_a_bulk_job_overtakes_nobody_in_any_of_its_lanes(
    school: School, decider: Decider, sound: None, which: Callable[[list[int]], int]
) -> None:
    course, second, option = two_steps(school)
    single, buyer = course.pupil(), course.pupil()
    older = single.book(step=second, option=option)
    bulk = buyer.bulk()
    decide_lane(decider, which(lanes_of_bulk(school, bulk)))

    assert school.job(older).status == "SUCCEEDED"
    assert school.result(bulk)["auto_booked"] == [course.step]
    assert buyer.sits_in(second) is None


@pytest.mark.parametrize("which", [min, max])
def test_nobody_overtakes_a_bulk_job_in_any_of_its_lanes(
    school: School, decider: Decider, sound: None, which: Callable[[list[int]], int]
) -> None:
    course, second, option = two_steps(school)
    single, buyer = course.pupil(), course.pupil()
    bulk = buyer.bulk()
    younger = single.book(step=second, option=option)
    decide_lane(decider, which(lanes_of_bulk(school, bulk)))
    decide_all(decider)

    assert school.result(bulk)["auto_booked"] == [course.step, second]
    assert school.refusal(younger) == "session_full"


def test_a_bulk_job_that_must_wait_holds_back_those_behind_it_who_want_the_same(
    school: School, decider: Decider, engine: Engine, sound: None
) -> None:
    """Somebody else is busy in its other lane, where an older job waits."""
    course, second, option = two_steps(school)
    older = course.pupil().book()
    buyer, single = course.pupil(), course.pupil()
    bulk = buyer.bulk()
    younger = single.book(step=second, option=option)
    [lane] = school.job(younger).lanes
    elsewhere = school.course(class_id=16 * LANES + lane)
    other = elsewhere.pupil()
    other.book()
    with engine.begin() as db:
        assert take_lane(db, course.group_class % LANES)
        decide_lane(decider, lane)
        statuses = [school.job(job).status for job in (older, bulk, younger)]
    assert statuses == ["QUEUED"] * 3
    assert other.sits_in() == elsewhere.sessions[0]

    decide_all(decider)
    assert school.result(bulk)["auto_booked"] == [course.step, second]
    assert school.refusal(younger) == "session_full"


def test_staff_go_ahead_of_a_bulk_job_in_one_of_its_lanes(
    school: School, decider: Decider, sound: None
) -> None:
    course, second, option = two_steps(school)
    buyer = course.pupil()
    bulk = buyer.bulk()
    favoured = course.pupil()
    school.staff().book(favoured, step=second, option=option)
    decide_lane(decider, course.group_class % LANES)
    decide_all(decider)
    assert favoured.sits_in(second) is not None
    assert school.result(bulk)["auto_booked"] == [course.step]


def test_a_package_whose_jobs_are_of_many_kinds_and_lanes_ends_where_its_last_job_says(
    school: School, decider: Decider, sound: None
) -> None:
    course, second, option = two_steps(school)
    pupil: Pupil = course.pupil()
    jobs = [
        pupil.book(),
        pupil.bulk((second, option)),
        pupil.cancel(step=second),
        pupil.cancel(),
        pupil.bulk(mode="BEST_EFFORT"),
    ]
    for lane in reversed(range(LANES)):
        decide_lane(decider, lane)
    decide_all(decider)
    assert [school.job(job).status for job in jobs] == ["SUCCEEDED"] * 5
    assert pupil.sits_in() == course.sessions[0]
    assert pupil.sits_in(second) is not None


@contextmanager
def taken(engine: Engine, lane: int) -> Iterator[None]:
    """Somebody decides this lane, and takes long."""
    with engine.connect() as db:
        assert rounds.take_lane(db, lane)
        yield


def test_nobody_overtakes_a_job_of_two_lanes_while_somebody_is_busy_with_one_of_them(
    school: School, decider: Decider, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "TURN_SECONDS", 0.01)
    academy = make_academy(school, [1, 10])
    older, wizard, *younger, neighbour = academy.enrol(6)
    with engine.begin() as db:
        first = academy.book(db, older, 1, 1)
        both = academy.book_all(db, wizard, [(0, 0), (1, 1)], "ALL_OR_NOTHING")
        late = [academy.book(db, one, 0, 0) for one in younger]
        other = academy.change(db, wizard, 1, 1)
    elsewhere = school.course(class_id=academy.classes[0] + LANES)
    besides = elsewhere.submit(neighbour.user, school.package(neighbour.user, elsewhere.cohort))
    here, there = sorted(school.job(both).lanes)
    with taken(engine, there):
        visit = decide_lane(decider, here)
        assert (visit.decided, visit.left) == (1, {both, *late})
        assert school.job(besides).status == "SUCCEEDED"

    decide_lane(decider, here)
    decide_lane(decider, there)
    assert list(academy.outcomes([first, both, *late, other]).values()) == [
        "SUCCEEDED",
        "SUCCEEDED",
        *(["session_full"] * len(late)),
        "same_session",
    ]


def test_a_lane_that_was_held_beside_another_is_looked_at_again(
    school: School, decider: Decider, engine: Engine
) -> None:
    """Who found it taken meanwhile, and left, counts on that."""
    course, other_option = two_lanes(school)
    older, younger = older_and_younger(school, course, other_option)
    late: list[UUID] = []

    def come_and_find_it_taken() -> None:
        late.append(course.submit(*course.enrol_one()))
        assert decide_lane(decider, lane_of(school, older)).decided == 0

    decide_lanes(
        at_look(HELD_BESIDE, decider, come_and_find_it_taken),
        [lane_of(school, younger)],
        until=lambda: False,
        visit=Visit(),
    )
    assert [school.job(job).status for job in [older, *late]] == ["SUCCEEDED", "SUCCEEDED"]


def test_who_waited_for_a_lane_that_was_looked_at_afterwards_is_not_forgotten(
    school: School, decider: Decider, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has that lane doesn't know of them: the task comes again for what it left."""
    monkeypatch.setattr(deciding, "TURN_SECONDS", 0.01)
    older, younger = older_and_younger(school, *two_lanes(school))
    visit = Visit()
    with taken(engine, lane_of(school, older)):
        decide_lanes(decider, [lane_of(school, younger)], until=lambda: False, visit=visit)
    assert visit.left == {younger}
