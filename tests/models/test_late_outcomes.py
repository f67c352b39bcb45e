"""A student who waited long for a decision is told it by mail, in the decision's transaction."""

from datetime import timedelta
from typing import Any

import pytest

from models.finishing import fail_job
from models.lanes import lane_of
from models.laying_desk import peek
from models.round import ATTEMPTS, Decider, decide_alone
from models.withdrawing import withdraw
from tests.deciding import booked, decide_all
from tests.school import DAY, Course, School

pytestmark = pytest.mark.usefixtures("sound")

AGO = timedelta(seconds=75)


@pytest.fixture
def course(school: School) -> Course:
    return school.course(capacity=1)


def told(school: School, job: object) -> list[tuple[Any, ...]]:
    return school.rows(
        "SELECT topic, payload, status FROM outbox_message WHERE kind = 'MAIL'"
        " AND booking_job_id = :job ORDER BY written",
        job=job,
    )


def test_a_refusal_is_told_by_mail_when_it_comes_late(
    school: School, decider: Decider, course: Course
) -> None:
    booked(course, decider)
    early, late = course.pupil(), course.pupil()
    in_time, overdue = early.book(), late.book(at=school.now - AGO)
    decide_all(decider)
    assert school.refusal(in_time) == school.refusal(overdue) == "session_full"
    assert told(school, in_time) == []
    assert told(school, overdue) == [
        ("request_refused", {"booking_job_id": str(overdue)}, "PENDING")
    ]


def test_a_booking_that_comes_late_is_told_once(
    school: School, decider: Decider, course: Course
) -> None:
    job = course.pupil().book(at=school.now - AGO)
    decide_all(decider)
    assert [topic for topic, *_ in told(school, job)] == ["booking_confirmed"]


def test_mails_about_a_step_stand_in_the_order_of_what_was_decided(
    school: School, decider: Decider, course: Course
) -> None:
    pupil = course.pupil()
    pupil.cancel(at=school.now - AGO)
    pupil.book(at=school.now - AGO)
    pupil.book(at=school.now - AGO)
    decide_all(decider)
    topics = school.rows("SELECT topic FROM outbox_message WHERE kind = 'MAIL' ORDER BY written")
    assert topics == [("request_refused",), ("booking_confirmed",), ("request_refused",)]


def test_what_staff_ask_for_is_not_told_to_students_when_refused(
    school: School, decider: Decider, course: Course
) -> None:
    booked(course, decider)
    job = school.staff().book(course.pupil(), at=school.now - AGO)
    decide_all(decider)
    assert school.refusal(job) == "session_full"
    assert told(school, job) == []


def test_a_late_wizard_is_told_which_steps_are_missing(school: School, decider: Decider) -> None:
    course = school.course()
    full = school.step(course.program, 2)
    elsewhere = school.group_class(capacity=0)
    school.option(full, elsewhere)
    school.session(elsewhere, 5 * DAY)
    job = course.pupil().bulk(mode="BEST_EFFORT", at=school.now - AGO)
    decide_all(decider)
    assert len(school.result(job)["failures"]) == 1
    topics = {topic for topic, *_ in told(school, job)}
    assert topics == {"booking_confirmed", "request_refused"}


def test_who_waited_long_for_a_job_that_is_given_up_is_told(
    school: School, decider: Decider, course: Course
) -> None:
    jobs = [course.pupil().book(at=at) for at in (school.now, school.now - AGO)]
    for job in jobs:
        with school.engine.begin() as db:
            db.exec_driver_sql(f"UPDATE booking_job SET attempts = {ATTEMPTS} WHERE id = '{job}'")
        assert decide_alone(decider, lane_of(course.group_class), job).decided == 1
        assert school.job(job).status == "FAILED"
    assert [told(school, job) for job in jobs] == [
        [],
        [("request_refused", {"booking_job_id": str(jobs[1])}, "PENDING")],
    ]


def test_a_job_that_is_withdrawn_while_it_is_given_up_stays_so_and_nobody_is_told(
    school: School, decider: Decider, course: Course
) -> None:
    pupil = course.pupil()
    job = pupil.book(at=school.now - AGO)
    with school.engine.connect() as db:
        [peeked] = peek(db, lane_of(course.group_class), 1)
    with school.engine.begin() as db:
        withdraw(db, job, pupil.id, school.now)
    with school.engine.begin() as db:
        fail_job(db, peeked, school.now, None)
    assert school.job(job).status == "WITHDRAWN"
    assert told(school, job) == []
