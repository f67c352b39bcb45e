"""Cancelling a package: its coming seats are freed, what was attended stays."""

from dataclasses import dataclass

import pytest

from models.round import Decider
from tests.deciding import decide_all
from tests.school import DAY, HOUR, Pupil, School, Staff

pytestmark = pytest.mark.usefixtures("sound")


@dataclass
class Bought:
    """A package of four steps: one over and attended, one coming, one waited for, one untouched."""

    pupil: Pupil
    steps: list[int]
    sessions: list[int]


@pytest.fixture
def staff(school: School) -> Staff:
    return school.staff()


@pytest.fixture
def bought(school: School, decider: Decider, staff: Staff) -> Bought:
    program = school.program()
    steps = [school.step(program, order) for order in range(1, 5)]
    classes = [school.group_class() for _ in steps]
    options = [school.option(*pair) for pair in zip(steps, classes, strict=True)]
    sessions = [school.session(one, (2 + n) * DAY) for n, one in enumerate(classes)]
    school.change("session", sessions[2], capacity_max=0)
    student = school.person()
    pupil = Pupil(
        school, student, school.package(student, school.cohort(program)), steps[0], options[0]
    )
    for step, option in zip(steps[:2], options[:2], strict=True):
        pupil.book(step=step, option=option)
    pupil.join(step=steps[2], option=options[2])
    decide_all(decider)
    staff.mark(sessions[0], {pupil.booking(steps[0]).id: "ATTENDED"})
    decide_all(decider)
    return Bought(pupil, steps, sessions)


def test_coming_seats_are_freed_and_what_was_attended_stays(
    school: School, decider: Decider, staff: Staff, bought: Bought
) -> None:
    pupil = bought.pupil
    coming = pupil.booking(bought.steps[1])
    job = staff.cancel_package(pupil.package, "Refunded")
    decide_all(decider)

    [affected] = school.result(job)["affected"]
    assert (affected["student_id"], affected["booking_id"]) == (pupil.id, coming.id)
    assert affected["outcome"] == "CANCELLED"
    assert school.rows("SELECT status FROM student_package") == [("CANCELLED",)]
    assert school.rows(
        "SELECT status FROM student_course_step_progress ORDER BY course_step_id"
    ) == [("COMPLETED",), ("UNBOOKED",), ("UNBOOKED",), ("UNBOOKED",)]
    assert [school.seats_taken(session) for session in bought.sessions] == [1, 0, 0, 0]
    assert school.rows(
        "SELECT cancel_reason, cancelled_by FROM booking WHERE status = 'CANCELLED'"
    ) == [("Refunded", staff.id)]


def test_its_places_in_line_end(
    school: School, decider: Decider, staff: Staff, bought: Bought
) -> None:
    staff.cancel_package(bought.pupil.package)
    decide_all(decider)
    assert school.rows("SELECT status, end_reason FROM waitlist_entry") == [
        ("ENDED", "PACKAGE_CANCELLED")
    ]
    staff.set_capacity(bought.sessions[2], 1)
    decide_all(decider)
    assert bought.pupil.sits_in(bought.steps[2]) is None


def test_it_can_be_used_no_more(
    school: School, decider: Decider, staff: Staff, bought: Bought
) -> None:
    pupil = bought.pupil
    staff.cancel_package(pupil.package)
    decide_all(decider)
    jobs = [pupil.book(), pupil.change(), pupil.join(), pupil.bulk()]
    decide_all(decider)
    assert [school.refusal(job) for job in jobs] == ["package_inactive"] * 4


def test_package_inactive_the_second_time(
    school: School, decider: Decider, staff: Staff, bought: Bought
) -> None:
    jobs = [staff.cancel_package(bought.pupil.package) for _ in range(2)]
    decide_all(decider)
    school.result(jobs[0])
    assert school.refusal(jobs[1]) == "package_inactive"


def test_a_session_that_has_begun_keeps_its_seat(
    school: School, decider: Decider, staff: Staff, bought: Bought
) -> None:
    job = staff.cancel_package(bought.pupil.package)
    decide_all(decider, school.now + 3 * DAY + HOUR / 2)
    assert school.result(job)["affected"] == []
    assert bought.pupil.sits_in(bought.steps[1]) == bought.sessions[1]


def test_windows_keep_nobody_from_a_refund(
    school: School, decider: Decider, staff: Staff, bought: Bought
) -> None:
    job = staff.cancel_package(bought.pupil.package)
    decide_all(decider, school.now + 3 * DAY - HOUR)
    assert len(school.result(job)["affected"]) == 1
    assert bought.pupil.sits_in(bought.steps[1]) is None
