"""Cancelling: the seat is given back once, and the step is free again."""

from datetime import timedelta
from typing import Any

import pytest

from models.deciding import decide_lane
from models.laying_desk import lay_desk, peek
from models.round import Decider
from models.scope import read_scopes
from tests.deciding import booked, decide_all
from tests.school import DAY, HOUR, Course, Pupil, School

pytestmark = pytest.mark.usefixtures("sound")


@pytest.fixture
def course(school: School) -> Course:
    return school.course(capacity=2)


@pytest.fixture
def pupil(course: Course, decider: Decider) -> Pupil:
    """A student with a seat."""
    return booked(course, decider)


def test_the_seat_is_free_and_the_step_unbooked(
    school: School, decider: Decider, course: Course, pupil: Pupil
) -> None:
    old = pupil.booking()
    job = pupil.cancel("A cold")
    decide_all(decider)

    assert school.seats_taken(course.sessions[0]) == 0
    assert school.rows(
        "SELECT status, group_class_id, booking_id, booked_at FROM student_course_step_progress"
    ) == [("UNBOOKED", None, None, None)]
    assert school.rows("SELECT status, cancel_reason, cancelled_by FROM booking") == [
        ("CANCELLED", "A cold", pupil.id)
    ]
    result = school.result(job)
    assert result["success"] is True
    assert (result["booking"]["id"], result["booking"]["status"]) == (old.id, "CANCELLED")
    assert result["progress"]["status"] == "UNBOOKED"
    assert (result["progress"]["booking_id"], result["progress"]["booked_at"]) == (None, None)


def test_a_cancelled_step_can_be_booked_again(
    school: School, decider: Decider, course: Course, pupil: Pupil
) -> None:
    pupil.cancel()
    job = pupil.book()
    decide_all(decider)
    school.result(job)
    assert pupil.sits_in() == course.sessions[0]


@pytest.mark.parametrize(
    "package", [{"status": "CANCELLED"}, {"expires_at": timedelta(hours=-1)}], ids=str
)
def test_whether_the_package_still_runs_does_not_matter(
    school: School, decider: Decider, pupil: Pupil, package: dict[str, Any]
) -> None:
    columns = {
        name: school.now + value if isinstance(value, timedelta) else value
        for name, value in package.items()
    }
    school.change("student_package", pupil.package, **columns)
    job = pupil.cancel()
    decide_all(decider)
    school.result(job)


def test_not_booked_when_there_is_no_booking(
    school: School, decider: Decider, course: Course
) -> None:
    job = course.pupil().cancel()
    decide_all(decider)
    assert school.refusal(job) == "not_booked"


def test_not_booked_the_second_time(school: School, decider: Decider, pupil: Pupil) -> None:
    jobs = [pupil.cancel() for _ in range(2)]
    decide_all(decider)
    school.result(jobs[0])
    assert school.refusal(jobs[1]) == "not_booked"


def test_too_late_to_cancel_within_a_day_of_the_start(
    school: School, decider: Decider, course: Course
) -> None:
    soon = school.session(course.group_class, HOUR)
    pupil = booked(course, decider, soon)
    job = pupil.cancel()
    decide_all(decider)
    assert school.refusal(job) == "too_late_to_cancel"
    assert pupil.sits_in() == soon


def test_a_punctual_cancellation_counts_even_if_it_is_decided_after_the_start(
    school: School, decider: Decider, pupil: Pupil
) -> None:
    job = pupil.cancel()
    decide_all(decider, school.now + 4 * DAY)
    school.result(job)


def test_the_seat_comes_back_once_however_often_the_job_is_delivered(
    school: School, decider: Decider, course: Course, pupil: Pupil
) -> None:
    other = booked(course, decider)
    job = pupil.cancel()
    [lane] = school.job(job).lanes
    with school.engine.connect() as db:
        peeked = peek(db, lane, 1)
    decide_all(decider)
    before = school.job(job)
    assert decide_lane(decider, lane).decided == 0
    with school.engine.connect() as db:  # somebody who peeked at it before it was decided
        wanted = read_scopes(db, peeked).all_of(peeked)
        laid = lay_desk(db, peeked, wanted, decider.clock, decider.policy)

    assert [one.id for one in peeked] == [job]
    assert laid.jobs == []
    assert school.job(job) == before
    assert school.seats_taken(course.sessions[0]) == 1
    assert other.sits_in() == course.sessions[0]
    assert school.rows("SELECT sum(change) FROM seat_ledger WHERE change < 0") == [(-1,)]
