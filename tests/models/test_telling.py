"""What students and subscribers are told of each decision, and in which order."""

from typing import Any

import pytest

from models.round import Decider
from tests.deciding import booked, decide_all
from tests.school import DAY, Course, School

pytestmark = pytest.mark.usefixtures("sound")


@pytest.fixture
def course(school: School) -> Course:
    return school.course(capacity=1, sessions=2)


def told(school: School, kind: str, job: object) -> list[tuple[Any, ...]]:
    """The topics and payloads that a job left in the outbox, in their order."""
    return school.rows(
        "SELECT topic, payload FROM outbox_message WHERE kind = :kind AND booking_job_id = :job"
        " ORDER BY id",
        kind=kind,
        job=job,
    )


def test_a_booking_is_confirmed_and_announced(
    school: School, decider: Decider, course: Course
) -> None:
    pupil = course.pupil()
    job = pupil.book()
    decide_all(decider)

    booking = pupil.booking().id
    assert told(school, "MAIL", job) == [("booking_confirmed", {"booking_id": booking})]
    assert told(school, "EVENT", job) == [
        (
            "course.step.booked",
            {
                "studentId": pupil.id,
                "packageId": pupil.package,
                "stepId": course.step,
                "bookingId": booking,
                "sessionId": course.sessions[0],
            },
        )
    ]


def test_a_change_names_where_it_came_from(
    school: School, decider: Decider, course: Course
) -> None:
    pupil = booked(course, decider, course.sessions[0])
    old = pupil.booking().id
    job = pupil.change(course.sessions[1])
    decide_all(decider)

    new = pupil.booking().id
    [(topic, payload)] = told(school, "MAIL", job)
    assert (topic, payload) == (
        "booking_changed",
        {"booking_id": new, "previous_booking_id": old},
    )
    [(topic, data)] = told(school, "EVENT", job)
    assert topic == "course.step.changed"
    assert (data["bookingId"], data["sessionId"]) == (new, course.sessions[1])
    assert (data["previousBookingId"], data["previousSessionId"]) == (old, course.sessions[0])


def test_a_cancellation_is_confirmed_and_announced(
    school: School, decider: Decider, course: Course
) -> None:
    pupil = booked(course, decider)
    booking = pupil.booking().id
    job = pupil.cancel()
    decide_all(decider)
    assert told(school, "MAIL", job) == [("booking_cancelled", {"booking_id": booking})]
    [(topic, data)] = told(school, "EVENT", job)
    assert (topic, data["bookingId"]) == ("course.step.cancelled", booking)


def test_joining_and_being_promoted_are_told_leaving_is_not(
    school: School, decider: Decider, course: Course
) -> None:
    holder = booked(course, decider, course.sessions[0])
    pupil, other = course.pupil(), course.pupil()
    joined = pupil.join(course.sessions[0])
    other.join(course.sessions[0])
    decide_all(decider)
    left = other.leave()
    holder.cancel()
    decide_all(decider)

    [(entry,)] = school.rows("SELECT id FROM waitlist_entry WHERE user_id = :id", id=pupil.id)
    assert told(school, "MAIL", joined) == [("waitlist_joined", {"waitlist_entry_id": entry})]
    [(topic, data)] = told(school, "EVENT", joined)
    assert (topic, data["bookingId"]) == ("course.step.waitlisted", None)
    assert data["sessionId"] == course.sessions[0]
    [(promotion,)] = school.rows("SELECT id FROM booking_job WHERE kind = 'PROMOTE'")
    booking = pupil.booking().id
    assert told(school, "MAIL", promotion) == [("waitlist_promoted", {"booking_id": booking})]
    [(topic, data)] = told(school, "EVENT", promotion)
    assert (topic, data["bookingId"]) == ("course.step.promoted", booking)
    assert told(school, "MAIL", left) == told(school, "EVENT", left) == []


def test_a_promotion_that_swaps_names_the_seat_it_took_away(
    school: School, decider: Decider, course: Course
) -> None:
    holder = booked(course, decider, course.sessions[0])
    pupil = booked(course, decider, course.sessions[1])
    pupil.join(course.sessions[0])
    decide_all(decider)
    old = pupil.booking().id
    holder.cancel()
    decide_all(decider)

    [(promotion,)] = school.rows("SELECT id FROM booking_job WHERE kind = 'PROMOTE'")
    [(topic, payload)] = told(school, "MAIL", promotion)
    assert (topic, payload["previous_booking_id"]) == ("waitlist_promoted", old)
    [(topic, data)] = told(school, "EVENT", promotion)
    assert (topic, data["previousSessionId"]) == ("course.step.promoted", course.sessions[1])


def test_a_bulk_booking_tells_of_each_step(school: School, decider: Decider) -> None:
    course = school.course()
    second = school.step(course.program, 2)
    elsewhere = school.group_class()
    school.option(second, elsewhere)
    school.session(elsewhere, 5 * DAY)
    job = course.pupil().bulk()
    decide_all(decider)
    assert [topic for topic, _ in told(school, "MAIL", job)] == ["booking_confirmed"] * 2
    events = told(school, "EVENT", job)
    assert [(topic, data["stepId"]) for topic, data in events] == [
        ("course.step.booked", course.step),
        ("course.step.booked", second),
    ]


def test_a_cancelled_session_is_one_event_beside_those_of_its_steps(
    school: School, decider: Decider
) -> None:
    course = school.course()
    pupils = [booked(course, decider) for _ in range(2)]
    bookings = [pupil.booking().id for pupil in pupils]
    job = school.staff().cancel_session(course.sessions[0], "Ill")
    decide_all(decider)

    events = told(school, "EVENT", job)
    assert [topic for topic, _ in events] == [
        "course.step.cancelled",
        "course.step.cancelled",
        "course.session.cancelled",
    ]
    data = events[-1][1]
    assert (data["sessionId"], data["reason"]) == (course.sessions[0], "Ill")
    assert data["bookingIds"] == bookings
    assert data["startAt"].endswith("Z")


def test_a_moved_session_is_one_event_with_its_old_times(school: School, decider: Decider) -> None:
    course = school.course()
    pupil = booked(course, decider)
    job = school.staff().move_session(course.sessions[0], school.now + 5 * DAY, "No room")
    decide_all(decider)
    [(topic, data)] = told(school, "EVENT", job)
    assert topic == "course.session.moved"
    assert data["bookingIds"] == [pupil.booking().id]
    times = {"startAt", "endAt", "previousStartAt", "previousEndAt"}
    assert len({data[name] for name in times}) == len(times)


def test_a_guest_gets_mail_but_there_is_no_event_about_a_step(
    school: School, decider: Decider, course: Course
) -> None:
    job = school.staff().book_seat(school.person(), course.sessions[0])
    decide_all(decider)
    assert [topic for topic, _ in told(school, "MAIL", job)] == ["booking_confirmed"]
    assert told(school, "EVENT", job) == []


def test_what_is_refused_tells_nobody(school: School, decider: Decider, course: Course) -> None:
    booked(course, decider, course.sessions[0])
    before = school.rows("SELECT id FROM outbox_message ORDER BY id")
    pupil = course.pupil()
    jobs = [
        pupil.book(course.sessions[0]),
        pupil.change(),
        pupil.cancel(),
        pupil.leave(),
        pupil.join(course.sessions[1]),
        pupil.bulk((course.step, course.option, course.sessions[0])),
    ]
    decide_all(decider)
    assert {school.job(job).status for job in jobs} == {"REFUSED"}
    assert school.rows("SELECT id FROM outbox_message ORDER BY id") == before


def test_messages_about_one_step_stand_in_the_order_of_what_happened(
    school: School, decider: Decider, course: Course
) -> None:
    pupil = course.pupil()
    pupil.book(course.sessions[0])
    pupil.change(course.sessions[1])
    pupil.cancel()
    pupil.book(course.sessions[0])
    decide_all(decider)
    topics = school.rows(
        "SELECT kind, topic FROM outbox_message WHERE student_package_id = :package"
        " AND course_step_id = :step ORDER BY kind, id",
        package=pupil.package,
        step=course.step,
    )
    events = ["booked", "changed", "cancelled", "booked"]
    mails = ["booking_confirmed", "booking_changed", "booking_cancelled", "booking_confirmed"]
    assert topics == [("EVENT", f"course.step.{what}") for what in events] + [
        ("MAIL", what) for what in mails
    ]


def test_marking_attendance_and_setting_capacity_bother_nobody(
    school: School, decider: Decider, course: Course
) -> None:
    pupil = booked(course, decider)
    before = school.rows("SELECT id FROM outbox_message ORDER BY id")
    staff = school.staff()
    jobs = [
        staff.mark(course.sessions[0], {pupil.booking().id: "ATTENDED"}),
        staff.set_capacity(course.sessions[0], 9),
    ]
    decide_all(decider)
    assert [school.job(job).status for job in jobs] == ["SUCCEEDED"] * 2
    assert school.rows("SELECT id FROM outbox_message ORDER BY id") == before
