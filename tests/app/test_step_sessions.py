"""The sessions of one step, as its student sees them."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.settings import Settings
from models.round import Decider
from tests.app.rows import seat
from tests.app.students import Student, decide
from tests.school import DAY, HOUR, Course, School


@pytest.fixture
def course(school: School) -> Course:
    return school.course(capacity=2, sessions=3)


def path(student: Student, step: int | None = None) -> str:
    return f"{student.path}/steps/{step or student.course.step}/sessions"


def listed(student: Student, **query: Any) -> list[dict[str, Any]]:
    named = {name.rstrip("_"): value for name, value in query.items()}
    answer = student.client.get(path(student), query_string=named, headers=student.headers)
    assert answer.status_code == 200
    return answer.json


def ids(student: Student, **query: Any) -> list[int]:
    return [offer["sessionId"] for offer in listed(student, **query)]


def defaults(student: Student, **query: Any) -> list[int]:
    return [offer["sessionId"] for offer in listed(student, **query) if offer["isDefault"]]


def at(student: Student, days: int) -> str:
    return (student.course.school.now + days * DAY).isoformat()


def test_the_sessions_are_those_among_the_unbooked_steps(student: Student) -> None:
    (step,) = student.get(f"{student.path}/unbooked-steps").json
    assert listed(student) == step["options"]
    assert ids(student) == student.course.sessions
    assert defaults(student) == student.course.sessions[:1]


def test_full_sessions_stay_and_past_cancelled_and_foreign_ones_dont(student: Student) -> None:
    school, course = student.course.school, student.course
    full = school.session(course.group_class, 9 * DAY, capacity=0)
    school.session(course.group_class, -1 * DAY)
    school.session(course.group_class, 2 * DAY, status="CANCELLED")
    school.session(school.group_class(), 2 * DAY)
    spots = {offer["sessionId"]: offer["spotsAvailable"] for offer in listed(student)}
    assert spots == dict.fromkeys(course.sessions, 2) | {full: 0}


def test_sessions_are_listed_from_an_instant_to_before_another(student: Student) -> None:
    first, second, third = student.course.sessions
    assert ids(student, from_=at(student, 4)) == [second, third]
    assert ids(student, to=at(student, 4)) == [first]
    assert ids(student, from_=at(student, 4), to=at(student, 5)) == [second]
    assert ids(student, from_=at(student, -9)) == [first, second, third]
    assert ids(student, from_=at(student, 5), to=at(student, 4)) == []


def test_at_most_as_many_are_listed_as_asked_for_and_50_unless_told(student: Student) -> None:
    school, course = student.course.school, student.course
    for hour in range(55):
        school.session(course.group_class, 20 * DAY + 2 * hour * HOUR)
    assert ids(student, limit=2) == course.sessions[:2]
    assert len(listed(student)) == 50
    assert len(listed(student, limit=200)) == 58


def test_sessions_of_several_options_are_mixed_by_start(student: Student) -> None:
    school, course = student.course.school, student.course
    other_class = school.group_class()
    other = school.option(course.step, other_class)
    between = school.session(other_class, 4 * DAY + HOUR)
    inactive = school.group_class()
    school.option(course.step, inactive, is_active=False)
    school.session(inactive, 4 * DAY)
    first, second, third = course.sessions
    assert ids(student, limit=3) == [first, second, between]
    offers = {offer["sessionId"]: offer["courseStepOptionId"] for offer in listed(student)}
    assert offers == {first: course.option, second: course.option, between: other} | {
        third: course.option
    }
    assert defaults(student) == [first, between]


def test_a_session_is_no_default_because_the_list_begins_with_it(student: Student) -> None:
    first, second, third = student.course.sessions
    assert defaults(student, from_=at(student, 4)) == []
    for session in (first, second):
        for _ in range(2):
            seat(student.course.school, session, student.course.school.person())
    assert defaults(student, from_=at(student, 4)) == [third]


def test_a_booked_step_lists_what_it_can_be_changed_to(student: Student, decider: Decider) -> None:
    school, course = student.course.school, student.course
    other_class = school.group_class()
    school.option(course.step, other_class)
    same_time = school.session(other_class, 3 * DAY)
    student.book()
    decide(decider)
    first, second, third = course.sessions
    assert ids(student) == [first, same_time, second, third]
    # the seat held is given up by changing, so it is neither a choice nor in the way
    assert defaults(student) == [same_time, second]
    assert listed(student)[0]["spotsAvailable"] == 1


def test_a_seat_of_another_step_is_still_in_the_way(student: Student) -> None:
    school, course = student.course.school, student.course
    elsewhere = school.session(school.group_class(), 3 * DAY)
    seat(school, elsewhere, student.id)
    assert defaults(student) == [course.sessions[1]]


def test_steps_and_packages_of_others_are_not_found(
    student: Student, client: FlaskClient, settings: Settings
) -> None:
    other = Student(client, settings, student.course)
    step = student.course.step
    unknown = student.get(f"/api/students/me/course-packages/999/steps/{step}/sessions")
    foreign = student.get(path(other))
    wrong_step = student.get(path(student, 999))
    assert unknown.status_code == foreign.status_code == wrong_step.status_code == 404
    assert unknown.data == foreign.data == wrong_step.data


@pytest.mark.parametrize("query", ["from=x", "to=2026-03-01", "limit=0", "limit=201"])
def test_sessions_asked_for_wrongly_are_invalid(student: Student, query: str) -> None:
    answer = student.get(f"{path(student)}?{query}")
    assert (answer.status_code, list(answer.json["errors"])) == (422, [query.partition("=")[0]])


def test_a_step_that_nothing_is_offered_for_has_no_sessions(
    client: FlaskClient, settings: Settings, school: School
) -> None:
    student = Student(client, settings, school.course(sessions=0))
    assert listed(student) == []
    assert listed(student, from_=(school.now + timedelta(days=1)).isoformat()) == []
