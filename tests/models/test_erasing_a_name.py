"""A teacher's name goes from what was offered to others, and nobody else's does."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from models.personal.erasing import erase_person
from models.round import Decider
from tests.deciding import booked, decide_all
from tests.models.test_erasing_a_person import everything
from tests.school import Course, School

pytestmark = pytest.mark.usefixtures("sound")


def taught_by(school: School, teacher: int) -> Course:
    """A course of two sessions with a seat each."""
    course = school.course(capacity=1, sessions=2)
    school.change("group_class", course.group_class, teacher_id=teacher)
    return course


def refused_with_an_offer(course: Course, decider: Decider) -> UUID:
    """A request for the first session, which is full; the second one is offered."""
    booked(course, decider, course.sessions[0])
    refused = course.pupil().book(course.sessions[0])
    decide_all(decider)
    return refused


def offered_teachers(school: School, job: UUID) -> list[Any]:
    return [offer["teacher_name"] for offer in school.job(job).error["alternatives"]]


@pytest.mark.parametrize("role", ["STAFF", "ADMIN", "STUDENT"])
def test_who_once_taught_is_found_whatever_they_are_now(
    school: School, decider: Decider, engine: Engine, role: str
) -> None:
    teacher = school.person(role, name="Theo Boss")
    course = taught_by(school, teacher)
    refused = refused_with_an_offer(course, decider)
    school.change("group_class", course.group_class, teacher_id=school.person("TEACHER"))
    erase_person(decider, teacher)
    assert offered_teachers(school, refused) == [f"Erased person {teacher}"]
    assert "Theo" not in everything(engine)


@pytest.mark.parametrize("role", ["TEACHER", "STUDENT"])
def test_a_namesakes_sessions_stay_offered_by_their_name(
    school: School, decider: Decider, role: str
) -> None:
    staying, leaving = (school.person(one, name="Anna Smith") for one in ("TEACHER", role))
    refused = refused_with_an_offer(taught_by(school, staying), decider)
    own = taught_by(school, leaving)
    own_refused = refused_with_an_offer(own, decider)
    school.change("group_class", own.group_class, teacher_id=school.person("TEACHER"))
    assert erase_person(decider, leaving).emptied["offersInJobs"] == 1
    assert offered_teachers(school, refused) == ["Anna Smith"]
    assert offered_teachers(school, own_refused) == [f"Erased person {leaving}"]
