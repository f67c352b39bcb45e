"""Leaving a waitlist: every place in line that a step has."""

from datetime import timedelta
from typing import Any

import pytest

from models.round import Decider
from tests.deciding import booked, decide_all, waiting
from tests.school import Course, School

pytestmark = pytest.mark.usefixtures("sound")


@pytest.fixture
def course(school: School, decider: Decider) -> Course:
    made = school.course(capacity=1)
    booked(made, decider)
    return made


def test_every_place_of_the_step_is_given_up(
    school: School, decider: Decider, course: Course
) -> None:
    pupil = waiting(course, decider)
    elsewhere = school.group_class()
    pupil.join(school.session(elsewhere, capacity=0), option=school.option(course.step, elsewhere))
    decide_all(decider)
    job = pupil.leave()
    decide_all(decider)

    assert pupil.waiting() == ["LEFT", "LEFT"]
    assert len(school.result(job)["left"]) == 2


def test_others_move_up(school: School, decider: Decider, course: Course) -> None:
    first, _second = (waiting(course, decider) for _ in range(2))
    first.leave()
    decide_all(decider)
    job = course.pupil().join()
    decide_all(decider)
    assert school.result(job)["waitlist_entry"]["position"] == 2


def test_who_left_can_join_again_at_the_end(
    school: School, decider: Decider, course: Course
) -> None:
    pupil = waiting(course, decider)
    waiting(course, decider)
    pupil.leave()
    decide_all(decider)
    job = pupil.join()
    decide_all(decider)
    assert school.result(job)["waitlist_entry"]["position"] == 2


@pytest.mark.parametrize(
    "package", [{"status": "CANCELLED"}, {"expires_at": timedelta(hours=-1)}], ids=str
)
def test_whether_the_package_still_runs_does_not_matter(
    school: School, decider: Decider, course: Course, package: dict[str, Any]
) -> None:
    pupil = waiting(course, decider)
    columns = {
        name: school.now + value if isinstance(value, timedelta) else value
        for name, value in package.items()
    }
    school.change("student_package", pupil.package, **columns)
    job = pupil.leave()
    decide_all(decider)
    school.result(job)


def test_not_waitlisted_when_there_is_nothing_to_leave(
    school: School, decider: Decider, course: Course
) -> None:
    pupil = waiting(course, decider)
    jobs = [pupil.leave(), pupil.leave(), course.pupil().leave()]
    decide_all(decider)
    school.result(jobs[0])
    assert [school.refusal(job) for job in jobs[1:]] == ["not_waitlisted"] * 2


def test_who_joins_and_leaves_at_once_has_left(
    school: School, decider: Decider, course: Course
) -> None:
    """Leaving goes ahead of others, but not of the own package's earlier jobs."""
    pupil = course.pupil()
    jobs = [pupil.join(), pupil.leave()]
    decide_all(decider)
    assert [school.job(job).status for job in jobs] == ["SUCCEEDED"] * 2
    assert pupil.waiting() == ["LEFT"]
