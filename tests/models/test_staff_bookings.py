"""What staff do to bookings: book, change and cancel for a student, and seat guests."""

from typing import Any

import pytest

from models.deciding import decide_lane
from models.round import Decider
from tests.deciding import booked, decide_all
from tests.models.test_locked_rows import lane_of
from tests.school import DAY, HOUR, School, Staff

pytestmark = pytest.mark.usefixtures("sound")


@pytest.fixture
def staff(school: School) -> Staff:
    return school.staff()


def test_staff_book_for_a_student(school: School, decider: Decider, staff: Staff) -> None:
    course = school.course()
    pupil = course.pupil()
    job = staff.book(pupil)
    decide_all(decider)

    school.result(job)
    booking = pupil.booking()
    assert (booking.user_id, booking.created_by) == (pupil.id, staff.id)
    assert (booking.booking_type, booking.payment_status) == ("COURSE_STEP", "PAID")
    assert school.rows("SELECT actor_id FROM seat_ledger") == [(staff.id,)]
    assert school.rows("SELECT user_id FROM outbox_message WHERE kind = 'MAIL'") == [(pupil.id,)]


def test_staff_may_waive_the_order_but_no_other_rule(
    school: School, decider: Decider, staff: Staff
) -> None:
    course = school.course(sessions=0, ordered=True)
    later = school.step(course.program, 2)
    elsewhere = school.group_class()
    option = school.option(later, elsewhere)
    pupil = course.pupil()
    pupil.book(school.session(elsewhere, 3 * DAY), step=later, option=option)
    decide_all(decider)
    behind = school.session(course.group_class, 5 * DAY)
    full = school.session(course.group_class, 6 * DAY, capacity=0)
    overlapping = school.session(course.group_class, 3 * DAY + HOUR / 2)
    codes = []
    for session, override in [
        (behind, None),
        (full, "Asked"),
        (overlapping, "Asked"),
    ]:
        job = staff.book(pupil, session, override=override)
        decide_all(decider)
        codes.append(school.refusal(job))
    waived = staff.book(pupil, behind, override="Asked")
    decide_all(decider)

    assert codes == ["out_of_order", "session_full", "time_conflict"]
    assert school.result(waived)["booking"]["session_id"] == behind


@pytest.mark.parametrize(
    ("package", "code"),
    [({"status": "CANCELLED"}, "package_inactive"), ({"expires": True}, "package_expired")],
)
def test_an_override_revives_no_package(
    school: School, decider: Decider, staff: Staff, package: dict[str, Any], code: str
) -> None:
    if "expires" in package:
        package = {"expires_at": school.now - HOUR}
    job = staff.book(school.course().pupil(**package), override="Please")
    decide_all(decider)
    assert school.refusal(job) == code


@pytest.mark.parametrize("unknown", ["step", "option", "package"])
def test_option_invalid_when_staff_name_what_there_is_not(
    school: School, decider: Decider, staff: Staff, unknown: str
) -> None:
    pupil = school.course().pupil()
    setattr(pupil, unknown, 999_999)
    job = staff.book(pupil)
    decide_all(decider)
    assert school.refusal(job) == "option_invalid"


def test_staff_change_and_cancel_for_a_student(
    school: School, decider: Decider, staff: Staff
) -> None:
    course = school.course(sessions=2)
    pupil = booked(course, decider, course.sessions[0])
    old = pupil.booking().id
    staff.change(old, course.option, course.sessions[1])
    decide_all(decider)
    new = pupil.booking()
    assert (new.session_id, new.replaces_booking_id) == (course.sessions[1], old)
    assert (new.user_id, new.created_by) == (pupil.id, staff.id)

    job = staff.cancel(new.id, "Asked by phone")
    decide_all(decider)
    assert school.result(job)["progress"]["status"] == "UNBOOKED"
    assert school.rows("SELECT cancel_reason, cancelled_by FROM booking ORDER BY id") == [
        ("Student changed to different session", staff.id),
        ("Asked by phone", staff.id),
    ]


def test_a_booking_that_was_replaced_meanwhile_is_left_alone(
    school: School, decider: Decider, staff: Staff
) -> None:
    """Staff name a booking; its step may hold another by the time of the decision."""
    course = school.course(sessions=3)
    pupil = booked(course, decider, course.sessions[0])
    old = pupil.booking().id
    pupil.change(course.sessions[1])
    decide_all(decider)
    jobs = [staff.change(old, course.option, course.sessions[2]), staff.cancel(old)]
    decide_all(decider)

    assert [school.refusal(job) for job in jobs] == ["not_booked"] * 2
    assert pupil.sits_in() == course.sessions[1]


@pytest.mark.parametrize("booking_type", ["DROP_IN", "WORKSHOP"])
def test_a_guest_is_seated_without_a_package_and_pays_later(
    school: School, decider: Decider, staff: Staff, booking_type: str
) -> None:
    session = school.session(school.group_class())
    guest = school.person()
    job = staff.book_seat(guest, session, booking_type)
    decide_all(decider)

    result = school.result(job)
    assert result["progress"] is None
    assert result["booking"]["payment_status"] == "UNPAID"
    assert school.rows(
        "SELECT user_id, booking_type, payment_status, student_package_id, course_step_id,"
        " created_by, status FROM booking"
    ) == [(guest, booking_type, "UNPAID", None, None, staff.id, "CONFIRMED")]
    assert school.seats_taken(session) == 1


def test_a_guests_seat_can_be_cancelled_but_not_changed(
    school: School, decider: Decider, staff: Staff
) -> None:
    course = school.course(sessions=2)
    made = staff.book_seat(school.person(), course.sessions[0])
    decide_all(decider)
    booking = school.result(made)["booking"]["id"]
    change = staff.change(booking, course.option, course.sessions[1])
    decide_all(decider)
    cancel = staff.cancel(booking)
    decide_all(decider)
    again = staff.cancel(booking)
    decide_all(decider)

    assert school.refusal(change) == "option_invalid"
    assert school.result(cancel)["progress"] is None
    assert school.refusal(again) == "not_booked"
    assert school.seats_taken(course.sessions[0]) == 0


def test_a_guests_seat_obeys_the_same_rules(school: School, decider: Decider, staff: Staff) -> None:
    group_class, guest = school.group_class(), school.person()
    held = school.session(group_class, 5 * DAY)
    staff.book_seat(guest, held)
    decide_all(decider)
    wanted = {
        "student_invalid": (999_999, held),
        "session_invalid": (guest, 999_999),
        "session_cancelled": (guest, school.session(group_class, status="CANCELLED")),
        "session_started": (guest, school.session(group_class, -HOUR / 2)),
        "already_in_session": (guest, held),
        "time_conflict": (guest, school.session(school.group_class(), 5 * DAY + HOUR / 2)),
        "session_full": (guest, school.session(group_class, 7 * DAY, capacity=0)),
    }
    jobs = {code: staff.book_seat(*asked) for code, asked in wanted.items()}
    decide_all(decider)
    assert {code: school.refusal(job) for code, job in jobs.items()} == {
        code: code for code in wanted
    }


def test_a_guests_seat_stands_in_the_way_of_a_steps(
    school: School, decider: Decider, staff: Staff
) -> None:
    course = school.course(capacity=1)
    pupil = course.pupil()
    staff.book_seat(pupil.id, course.sessions[0])
    decide_all(decider)
    jobs = [pupil.book(course.sessions[0]), course.pupil().book(course.sessions[0])]
    decide_all(decider)
    assert [school.refusal(job) for job in jobs] == ["already_in_session", "session_full"]


# whose turn it is


def test_staffs_job_goes_ahead_of_the_queue(school: School, decider: Decider, staff: Staff) -> None:
    course = school.course(capacity=1)
    earlier = course.pupil().book()
    pupil = course.pupil()
    staff.book(pupil)
    decide_all(decider)
    assert pupil.sits_in() == course.sessions[0]
    assert school.refusal(earlier) == "session_full"


def test_staffs_job_does_not_go_ahead_of_its_own_packages_jobs(
    school: School, decider: Decider, staff: Staff
) -> None:
    course = school.course(sessions=3)
    pupil = booked(course, decider, course.sessions[0])
    booking = pupil.booking().id
    earlier = pupil.change(course.sessions[1])
    job = staff.change(booking, course.option, course.sessions[2])
    decide_all(decider)

    school.result(earlier)
    assert school.refusal(job) == "not_booked"
    assert pupil.sits_in() == course.sessions[1]


def test_staffs_job_waits_for_its_own_packages_job_in_another_lane(
    school: School, decider: Decider, staff: Staff
) -> None:
    course = school.course()
    elsewhere = school.group_class()
    option = school.option(course.step, elsewhere)
    session = school.session(elsewhere)
    pupil = course.pupil()
    earlier = pupil.book(option=option)
    job = staff.book(pupil)
    assert lane_of(school, earlier) != lane_of(school, job)
    decide_lane(decider, lane_of(school, job))

    assert pupil.sits_in() == session
    assert school.refusal(job) == "step_already_booked"
