"""One test for each rule of booking, and for what a booking consists of."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, select, text

from app.settings import Settings
from models import round as rounds
from models.booking import Booking
from models.connection import make_engine
from models.deciding import decide_lane
from models.lanes import LANES
from models.round import Decider
from tests.school import DAY, HOUR, School


def decide(decider: Decider) -> int:
    return sum(decide_lane(decider, lane).decided for lane in range(LANES))


def refusal(school: School, job_id: object) -> str:
    job = school.job(job_id)
    assert job.status == "REFUSED", job.status
    return job.error["code"]


def test_a_booking_names_its_session_step_package_and_policy(
    school: School, decider: Decider, db: Connection
) -> None:
    course = school.course(change_window_hours=48)
    student, package = course.enrol_one(package_name="Ten evenings")
    job_id = course.submit(student, package)

    assert decide(decider) == 1

    booking = db.execute(select(*Booking.__table__.c)).one()
    job = school.job(job_id)
    assert job.status == "SUCCEEDED"
    assert booking.session_id == course.sessions[0]
    assert booking.group_class_id == course.group_class
    assert booking.booking_type == "COURSE_STEP"
    assert booking.payment_status == "PAID"
    assert booking.course_step_id == course.step
    assert booking.student_package_id == package
    assert booking.metadata == {
        "stepOrder": 1,
        "stepLabel": "Step 1",
        "packageName": "Ten evenings",
    }
    assert booking.booking_job_id == job_id
    assert booking.during.lower - booking.change_until == timedelta(hours=48)
    assert booking.during.lower - booking.cancel_until == timedelta(hours=24)
    assert job.result["booking"]["id"] == booking.id
    assert job.result["progress"]["booking_id"] == booking.id


def test_a_booking_leaves_progress_seats_ledger_and_messages_behind(
    school: School, decider: Decider, db: Connection
) -> None:
    course = school.course()
    student, package = course.enrol_one()
    course.submit(student, package)
    decide(decider)

    progress = db.execute(
        text("SELECT status, booking_id, group_class_id FROM student_course_step_progress")
    ).one()
    assert progress == ("BOOKED", 1, course.group_class)
    assert db.scalar(text("SELECT seats_taken FROM session")) == 1
    assert db.execute(text("SELECT session_id, change FROM seat_ledger")).all() == [
        (course.sessions[0], 1)
    ]
    topics = db.execute(text("SELECT kind, topic, status FROM outbox_message ORDER BY kind"))
    assert topics.all() == [
        ("EVENT", "course.step.booked", "PENDING"),
        ("MAIL", "booking_confirmed", "PENDING"),
    ]


def test_without_a_session_the_first_with_a_free_seat_is_taken(
    school: School, decider: Decider
) -> None:
    course = school.course(capacity=1, sessions=2)
    jobs = [course.submit(*enrolled) for enrolled in course.enrol(3)]
    decide(decider)

    booked = [school.job(job).result["booking"]["session_id"] for job in jobs[:2]]
    assert booked == course.sessions
    assert refusal(school, jobs[2]) == "session_full"


def test_a_session_that_overlaps_is_passed_over_for_the_next_one(
    school: School, decider: Decider
) -> None:
    first, second = school.course(), school.course(sessions=2)
    student, package = first.enrol_one()
    other_package = school.package(student, second.cohort)
    first.submit(student, package)
    job = second.submit(student, other_package)
    decide(decider)

    assert school.job(job).result["booking"]["session_id"] == second.sessions[1]


def test_the_cohorts_pin_is_the_only_candidate(school: School, decider: Decider) -> None:
    course = school.course(capacity=1, sessions=3)
    school.pin(course.cohort, course.option, course.sessions[1])
    jobs = [course.submit(*enrolled) for enrolled in course.enrol(2)]
    decide(decider)

    assert school.job(jobs[0]).result["booking"]["session_id"] == course.sessions[1]
    assert refusal(school, jobs[1]) == "session_full"


@pytest.mark.parametrize("gone", ["past", "cancelled"])
def test_a_pin_to_a_session_that_is_gone_is_ignored(
    school: School, decider: Decider, gone: str
) -> None:
    course = school.course()
    pinned = (
        school.session(course.group_class, -DAY)
        if gone == "past"
        else school.session(course.group_class, DAY, status="CANCELLED")
    )
    school.pin(course.cohort, course.option, pinned)
    job = course.submit(*course.enrol_one())
    decide(decider)

    assert school.job(job).result["booking"]["session_id"] == course.sessions[0]


def test_a_pin_to_a_session_of_another_class_is_ignored(school: School, decider: Decider) -> None:
    course, other = school.course(), school.course()
    school.pin(course.cohort, course.option, other.sessions[0])
    jobs = [one.submit(*one.enrol_one()) for one in (course, other)]
    (lane,), (other_lane,) = (school.job(job).lanes for job in jobs)
    with school.engine.begin() as db:  # decided together, where both classes are locked
        db.execute(text("UPDATE job_queue SET lane = :lane"), {"lane": lane})
        db.execute(text("UPDATE booking_job SET lanes = ARRAY[:lane]::smallint[]"), {"lane": lane})
    assert lane != other_lane
    decide(decider)
    assert school.job(jobs[0]).result["booking"]["session_id"] == course.sessions[0]


def test_a_named_session_goes_before_the_pin(school: School, decider: Decider) -> None:
    course = school.course(sessions=2)
    school.pin(course.cohort, course.option, course.sessions[0])
    job = course.submit(*course.enrol_one(), session=course.sessions[1])
    decide(decider)

    assert school.job(job).result["booking"]["session_id"] == course.sessions[1]


def test_package_inactive_when_the_package_was_cancelled(school: School, decider: Decider) -> None:
    course = school.course()
    job = course.submit(*course.enrol_one(status="CANCELLED"))
    decide(decider)
    assert refusal(school, job) == "package_inactive"


def test_package_expired_when_submitted_after_its_end(school: School, decider: Decider) -> None:
    course = school.course()
    job = course.submit(*course.enrol_one(expires_at=school.now - HOUR))
    decide(decider)
    assert refusal(school, job) == "package_expired"


def test_package_expired_when_the_session_is_after_its_end(
    school: School, decider: Decider
) -> None:
    course = school.course()
    job = course.submit(*course.enrol_one(expires_at=school.now + DAY))
    decide(decider)
    assert refusal(school, job) == "package_expired"


def test_a_punctual_submit_is_not_made_late_by_the_queue(school: School, decider: Decider) -> None:
    course = school.course(booking_opens_at=school.now - HOUR)
    student, package = course.enrol_one(expires_at=school.now + 9 * DAY)
    early = course.submit(student, package, at=school.now - HOUR - timedelta(seconds=1))
    punctual = course.submit(student, package, at=school.now - HOUR)
    decide(decider)

    assert refusal(school, early) == "not_open_yet"
    assert school.job(punctual).status == "SUCCEEDED"


def test_step_already_booked_when_it_is_not_unbooked(school: School, decider: Decider) -> None:
    course = school.course(sessions=2)
    student, package = course.enrol_one()
    jobs = [course.submit(student, package) for _ in range(2)]
    decide(decider)

    assert school.job(jobs[0]).status == "SUCCEEDED"
    assert refusal(school, jobs[1]) == "step_already_booked"


@pytest.mark.parametrize("fault", ["inactive", "unknown", "of another step"])
def test_option_invalid(school: School, decider: Decider, fault: str) -> None:
    course, other = school.course(), school.course()
    options = {
        "inactive": school.option(course.step, school.group_class(), is_active=False),
        "unknown": 999_999,
        "of another step": other.option,
    }
    student, package = course.enrol_one()
    job = school.submit(student, package, course.step, options[fault])
    decide(decider)
    assert refusal(school, job) == "option_invalid"


@pytest.mark.parametrize("fault", ["unknown", "of another class"])
def test_session_invalid(school: School, decider: Decider, fault: str) -> None:
    course, other = school.course(), school.course()
    session = {"unknown": 999_999, "of another class": other.sessions[0]}[fault]
    job = course.submit(*course.enrol_one(), session=session)
    decide(decider)
    assert refusal(school, job) == "session_invalid"


def test_no_upcoming_session_when_nothing_is_scheduled(school: School, decider: Decider) -> None:
    course = school.course(sessions=0)
    school.session(course.group_class, -DAY)
    school.session(course.group_class, DAY, status="CANCELLED")
    job = course.submit(*course.enrol_one())
    decide(decider)
    assert refusal(school, job) == "no_upcoming_session"


def test_session_cancelled_when_the_named_one_is(school: School, decider: Decider) -> None:
    course = school.course()
    cancelled = school.session(course.group_class, DAY, status="CANCELLED")
    job = course.submit(*course.enrol_one(), session=cancelled)
    decide(decider)
    assert refusal(school, job) == "session_cancelled"


def test_session_started_when_it_began_before_the_decision(
    school: School, decider: Decider
) -> None:
    course = school.course()
    begun = school.session(course.group_class, timedelta(seconds=-1))
    job = course.submit(*course.enrol_one(), session=begun, at=school.now - HOUR)
    decide(decider)
    assert refusal(school, job) == "session_started"


def test_already_in_session_through_another_package(school: School, decider: Decider) -> None:
    course = school.course()
    student, package = course.enrol_one()
    again = school.package(student, course.cohort)
    course.submit(student, package)
    job = course.submit(student, again, session=course.sessions[0])
    decide(decider)
    assert refusal(school, job) == "already_in_session"


def test_time_conflict_names_the_other_session(school: School, decider: Decider) -> None:
    first, second = school.course(), school.course()
    student, package = first.enrol_one()
    other_package = school.package(student, second.cohort)
    first.submit(student, package)
    job = second.submit(student, other_package, session=second.sessions[0])
    decide(decider)

    assert refusal(school, job) == "time_conflict"
    assert "“Yoga”" in school.job(job).error["message"]


def test_sessions_that_touch_do_not_conflict(school: School, decider: Decider) -> None:
    first, second = school.course(), school.course(sessions=0)
    following = school.session(second.group_class, 3 * DAY + HOUR)
    student, package = first.enrol_one()
    other_package = school.package(student, second.cohort)
    jobs = [
        first.submit(student, package),
        second.submit(student, other_package, session=following),
    ]
    decide(decider)
    assert [school.job(job).status for job in jobs] == ["SUCCEEDED", "SUCCEEDED"]


@pytest.mark.parametrize(("booked_first", "days"), [(1, (5, 4)), (2, (5, 4))])
def test_out_of_order_in_an_ordered_program(
    school: School, decider: Decider, booked_first: int, days: tuple[int, int]
) -> None:
    program = school.program(ordered=True)
    steps = [school.step(program, order) for order in (1, 2)]
    classes = [school.group_class() for _ in steps]
    options = [school.option(*pair) for pair in zip(steps, classes, strict=True)]
    for group_class, day in zip(classes, days, strict=True):
        school.session(group_class, day * DAY)
    student = school.person()
    package = school.package(student, school.cohort(program))
    order = [0, 1] if booked_first == 1 else [1, 0]
    jobs = []
    for index in order:
        jobs.append(school.submit(student, package, steps[index], options[index]))
        decide(decider)

    assert school.job(jobs[0]).status == "SUCCEEDED"
    assert refusal(school, jobs[1]) == "out_of_order"


def test_of_several_candidates_the_refusal_is_that_of_the_first_with_a_free_seat(
    school: School, decider: Decider
) -> None:
    blocking, course = school.course(), school.course(capacity=1, sessions=0)
    full = school.session(course.group_class, DAY)
    school.session(course.group_class, 3 * DAY)
    course.submit(*course.enrol_one(), session=full)
    student, package = blocking.enrol_one()
    blocking.submit(student, package)
    job = course.submit(student, school.package(student, course.cohort))
    decide(decider)
    assert refusal(school, job) == "time_conflict"


def test_a_refusal_offers_what_else_the_student_could_take(
    school: School, decider: Decider
) -> None:
    course = school.course(capacity=1, sessions=1)
    elsewhere = school.group_class(name="Evening yoga")
    option = school.option(course.step, elsewhere)
    free = school.session(elsewhere, 5 * DAY)
    school.session(elsewhere, 3 * DAY, capacity=0)
    first, second = course.enrol(2)
    course.submit(*first)
    job = course.submit(*second)
    decide(decider)

    error = school.job(job).error
    assert error["code"] == "session_full"
    assert [(a["session_id"], a["course_step_option_id"]) for a in error["alternatives"]] == [
        (free, option)
    ]


def test_first_come_is_first_served_within_a_batch_and_between_batches(
    school: School, decider: Decider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "BATCH", 2)
    course = school.course(capacity=3)
    jobs = [course.submit(*enrolled) for enrolled in course.enrol(5)]
    decide(decider)
    assert [school.job(job).status for job in jobs] == ["SUCCEEDED"] * 3 + ["REFUSED"] * 2


def test_alternatives_leave_out_what_the_order_of_the_course_forbids(
    school: School, decider: Decider
) -> None:
    program = school.program(ordered=True)
    steps = [school.step(program, order) for order in (1, 2)]
    classes = [school.group_class() for _ in steps]
    options = [school.option(*pair) for pair in zip(steps, classes, strict=True)]
    school.session(classes[0], 5 * DAY)
    too_early = school.session(classes[1], 4 * DAY)
    fits = school.session(classes[1], 6 * DAY)
    student = school.person()
    package = school.package(student, school.cohort(program))
    school.submit(student, package, steps[0], options[0])
    job = school.submit(student, package, steps[1], options[1], too_early)
    decide(decider)

    assert refusal(school, job) == "out_of_order"
    assert [one["session_id"] for one in school.job(job).error["alternatives"]] == [fits]


def test_a_job_that_came_in_during_the_last_look_is_decided_too(
    school: School, decider: Decider, settings: Settings
) -> None:
    """Its own task found the lane taken and left, counting on whoever holds it."""
    course = school.course()
    first, second = course.enrol(2)
    job = course.submit(*first)
    (lane,) = school.job(job).lanes
    watched = make_engine(settings.database_url)
    late = []

    def submit_while_the_lane_is_held(_: Connection) -> None:
        if school.job(job).status == "SUCCEEDED" and not late:
            late.append(course.submit(*second))

    # the event comes before the COMMIT is sent: here of the round that found the lane empty
    event.listen(watched, "commit", submit_while_the_lane_is_held)
    decide_lane(replace(decider, engine=watched), lane)
    watched.dispose()

    assert school.job(late[0]).status == "SUCCEEDED"
