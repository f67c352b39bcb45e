"""Jobs that can't be decided for now are left, and so are those of their package behind them."""

from uuid import UUID

from sqlalchemy import Engine, text

from models.deciding import Visit, decide_lane
from models.round import Decider
from tests.models.test_locked_rows import lane_of, locked
from tests.school import School

FEW = 8
"""Rounds that are enough to find out what can be decided in a lane of a few jobs."""


def visit(decider: Decider, lane: int) -> Visit:
    """Decide the lane; fails when it doesn't come to an end by itself."""
    looks: list[None] = []

    def until() -> bool:
        looks.append(None)
        return len(looks) > FEW

    visited = decide_lane(decider, lane, until=until)
    assert len(looks) <= FEW, "the lane is looked at again and again"
    return visited


def statuses(school: School, *jobs: UUID) -> list[str]:
    return [school.job(job).status for job in jobs]


def test_a_locked_student_holds_up_nobody_else_however_much_they_asked(
    school: School, decider: Decider, engine: Engine
) -> None:
    course = school.course(sessions=2)
    pupil, other = course.pupil(), course.pupil()
    asked = [pupil.book(), pupil.change(), pupil.cancel()]
    others = other.book()
    with locked(engine, "user_account", pupil.id):
        visited = visit(decider, lane_of(school, others))
        assert (visited.decided, visited.left) == (1, set(asked))
        assert statuses(school, *asked, others) == [*["QUEUED"] * 3, "SUCCEEDED"]

    assert visit(decider, lane_of(school, others)).decided == 3
    assert statuses(school, *asked) == ["SUCCEEDED"] * 3


def test_who_waits_for_a_locked_class_holds_up_no_other_class_with_what_they_asked_after(
    school: School, decider: Decider, engine: Engine
) -> None:
    course, elsewhere = school.course(), school.course()
    there = school.option(course.step, elsewhere.group_class)
    pupil, other = course.pupil(), elsewhere.pupil()
    asked = [pupil.book(), pupil.change(option=there), pupil.change(option=there)]
    others = other.book()
    lane = lane_of(school, others)
    assert [lane_of(school, job) == lane for job in asked] == [False, True, True]
    with locked(engine, "group_class", course.group_class):
        visited = visit(decider, lane)
        assert (visited.decided, visited.left) == (1, set(asked[1:]))
        assert statuses(school, *asked, others) == [*["QUEUED"] * 3, "SUCCEEDED"]

    visit(decider, lane)
    # there is no other session there to change to
    assert statuses(school, *asked) == ["SUCCEEDED", "SUCCEEDED", "REFUSED"]


def test_a_place_in_the_queue_whose_job_is_decided_is_nobodys_turn(
    school: School, decider: Decider, engine: Engine
) -> None:
    """Only somebody's repair by hand leaves one behind; `check` finds it."""
    course = school.course()
    decided, queued = course.pupil().book(), course.pupil().book()
    with engine.begin() as db:
        db.execute(
            text("UPDATE booking_job SET status = 'WITHDRAWN', decided_at = now() WHERE id = :id"),
            {"id": decided},
        )
    assert visit(decider, lane_of(school, queued)).decided == 1
    assert statuses(school, decided, queued) == ["WITHDRAWN", "SUCCEEDED"]
    assert visit(decider, lane_of(school, queued)).decided == 0
