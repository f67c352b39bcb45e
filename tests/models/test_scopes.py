"""What each job of a batch needs: its own, and nothing of what another one needs."""

from uuid import UUID

import pytest

from models.lanes import LANES
from models.laying_desk import peek
from models.round import Decider
from models.scope import Scope, read_scopes
from tests.deciding import decide_all
from tests.school import Course, Pupil, School, Staff


def scopes_of(school: School, *jobs: UUID) -> list[Scope]:
    """The scopes of these queued jobs, found out together."""
    with school.engine.connect() as db:
        peeked = {job.id: job for lane in range(LANES) for job in peek(db, lane, 100)}
        scopes = read_scopes(db, [peeked[job] for job in jobs])
    return [scopes.of[job] for job in jobs]


@pytest.fixture
def courses(school: School) -> list[Course]:
    """Two courses, each with one session of one seat."""
    return [school.course(capacity=1), school.course(capacity=1)]


@pytest.fixture
def staff(school: School) -> Staff:
    return school.staff()


@pytest.fixture
def holders(school: School, courses: list[Course], decider: Decider) -> list[Pupil]:
    """Who holds each session's seat."""
    pupils = [course.pupil() for course in courses]
    for pupil in pupils:
        pupil.book()
    decide_all(decider)
    return pupils


@pytest.fixture
def waiters(courses: list[Course], holders: list[Pupil], decider: Decider) -> list[Pupil]:
    """Who waits for each session."""
    pupils = [course.pupil() for course in courses]
    for pupil, course in zip(pupils, courses, strict=True):
        pupil.join(course.sessions[0])
    decide_all(decider)
    return pupils


def step_of(pupil: Pupil) -> tuple[int, int]:
    return pupil.package, pupil.step


def test_a_cancelled_session_needs_those_who_hold_its_seats_or_wait_for_it(
    school: School,
    courses: list[Course],
    holders: list[Pupil],
    waiters: list[Pupil],
    staff: Staff,
) -> None:
    jobs = [staff.cancel_session(course.sessions[0]) for course in courses]
    for i, scope in enumerate(scopes_of(school, *jobs)):
        assert scope.session_ids == {courses[i].sessions[0]}
        assert scope.class_ids == {courses[i].group_class}
        assert scope.user_ids == {holders[i].id, waiters[i].id}
        assert scope.steps == {step_of(holders[i]), step_of(waiters[i])}


def test_a_session_with_another_capacity_needs_the_head_of_its_line(
    school: School, courses: list[Course], waiters: list[Pupil], staff: Staff
) -> None:
    jobs = [staff.set_capacity(course.sessions[0], 2) for course in courses]
    for i, scope in enumerate(scopes_of(school, *jobs)):
        assert scope.session_ids == {courses[i].sessions[0]}
        assert scope.user_ids == {waiters[i].id}
        assert scope.steps == {step_of(waiters[i])}
        assert scope.option_ids == {courses[i].option}


def test_a_cancelled_package_needs_its_steps_their_seats_and_the_lines_that_they_wait_in(
    school: School,
    courses: list[Course],
    holders: list[Pupil],
    waiters: list[Pupil],
    staff: Staff,
) -> None:
    jobs = [staff.cancel_package(pupil.package) for pupil in [*holders, *waiters]]
    for i, scope in enumerate(scopes_of(school, *jobs)):
        pupil = [*holders, *waiters][i]
        assert scope.user_ids == {pupil.id}
        assert scope.steps == {step_of(pupil)}
        assert scope.class_ids == {courses[i % 2].group_class}
        assert scope.session_ids == ({courses[i].sessions[0]} if i < 2 else set())


def test_a_cancelled_seat_without_a_step_needs_its_session(
    school: School, courses: list[Course], decider: Decider, staff: Staff
) -> None:
    people = [school.person(), school.person()]
    sessions = [course.sessions[0] for course in courses]
    booked = [staff.book_seat(*of) for of in zip(people, sessions, strict=True)]
    decide_all(decider)
    bookings = [school.result(job)["booking"]["id"] for job in booked]
    jobs = [staff.cancel(booking) for booking in bookings]

    for i, scope in enumerate(scopes_of(school, *jobs)):
        assert scope.user_ids == {people[i]}
        assert scope.session_ids == {sessions[i]}
        assert scope.class_ids == {courses[i].group_class}
        assert scope.steps == set()
