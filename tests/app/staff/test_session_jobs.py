"""What staff do to sessions and packages, and what its dry runs say."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from app.settings import Settings
from models.round import Decider
from tests.app.deeds import REASON, Deeds, times
from tests.app.job_shapes import AFFECTED, BOOKING, OFFER, PROGRESS, SESSION
from tests.app.rows import course_seat, seat, waits
from tests.app.students import Student
from tests.app.visitors import Visitor
from tests.school import DAY, HOUR, School

DRY = {"dryRun": True}


@pytest.fixture
def later(student: Student) -> int:
    return student.course.school.session(student.course.group_class, 9 * DAY)


@pytest.fixture
def booking(student: Student) -> int:
    """The student's seat in the course's first session, the only one it has."""
    course = student.course
    return course_seat(course, course.sessions[0], student.id, student.package)


def everything(engine: Engine) -> list[Any]:
    """What a dry run must leave alone."""
    tables = ("session", "booking", "student_course_step_progress", "waitlist_entry")
    tables += ("student_package", "seat_ledger", "outbox_message", "audit_entry")
    with engine.connect() as db:
        return [db.execute(text(f"SELECT * FROM {table} ORDER BY id")).all() for table in tables]


def affected(result: dict[str, Any]) -> list[tuple[int, int | None, str, list[int]]]:
    for concerned in result["affected"]:
        assert set(concerned) == AFFECTED
        assert all(set(offer) == OFFER for offer in concerned["alternatives"])
    return [
        (
            one["studentId"],
            one["bookingId"],
            one["outcome"],
            [offer["sessionId"] for offer in one["alternatives"]],
        )
        for one in result["affected"]
    ]


def tried_and_done(
    deeds: Deeds, engine: Engine, path: str, body: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Whom a dry run says it would concern, and the real run's result."""
    before = everything(engine)
    tried = deeds.result(path, body | DRY)
    assert (set(tried), tried["dryRun"]) == ({"dryRun", "affected"}, True)
    assert everything(engine) == before
    return affected(tried), deeds.result(path, body)


def test_a_session_is_added_with_the_capacity_of_its_class_or_its_own(
    deeds: Deeds, school: School
) -> None:
    group_class = school.group_class(7)
    path, at = f"/group-classes/{group_class}/sessions", times(school.now + 5 * DAY)
    result = deeds.result(path, at)
    assert (set(result), set(result["session"])) == ({"session"}, SESSION)
    assert result["session"] == {
        "id": result["session"]["id"],
        "groupClassId": group_class,
        "groupClassName": "Yoga",
        "startAt": at["startAt"].replace("+00:00", "Z"),
        "endAt": at["endAt"].replace("+00:00", "Z"),
        "capacityMax": 7,
        "seatsTaken": 0,
        "status": "SCHEDULED",
    }
    other = deeds.result(path, times(school.now + 6 * DAY) | {"capacityMax": 0})["session"]
    assert other["capacityMax"] == 0
    assert deeds.visitor.get(f"/api/admin/sessions/{other['id']}").status_code == 200
    assert deeds.refusal(path, times(school.now - DAY)) == "session_started"


def test_an_instant_may_be_told_in_any_offset(deeds: Deeds, school: School) -> None:
    at = {"startAt": "2100-07-01T09:00:00+02:00", "endAt": "2100-07-01T10:00:00.5+02:00"}
    added = deeds.result(f"/group-classes/{school.group_class()}/sessions", at)["session"]
    assert (added["startAt"], added["endAt"]) == (
        "2100-07-01T07:00:00Z",
        "2100-07-01T08:00:00.500Z",
    )


def test_waiting_for_an_added_session_answers_201(
    staff: Visitor, school: School, deciding: None
) -> None:
    path = f"/api/admin/group-classes/{school.group_class()}/sessions"
    answer = staff.post(path, times(school.now + DAY), Prefer="wait=10")
    assert (answer.status_code, answer.json["status"]) == (201, "SUCCEEDED")
    session = answer.json["result"]["session"]["id"]
    answer = staff.post(f"/api/admin/sessions/{session}/cancel", REASON, Prefer="wait=10")
    assert (answer.status_code, answer.json["status"]) == (200, "SUCCEEDED")


def test_cancelling_a_session_concerns_those_who_hold_its_seats(
    deeds: Deeds, student: Student, engine: Engine, booking: int, later: int
) -> None:
    path = f"/sessions/{student.course.sessions[0]}/cancel"
    tried, result = tried_and_done(deeds, engine, path, REASON)
    assert tried == affected(result) == [(student.id, booking, "CANCELLED", [later])]
    assert (set(result), set(result["session"])) == ({"session", "affected"}, SESSION)
    assert (result["session"]["status"], result["session"]["seatsTaken"]) == ("CANCELLED", 0)
    assert deeds.refusal(path, REASON) == "session_cancelled"
    assert deeds.refusal(path, REASON | DRY) == "session_cancelled"


def test_moving_a_session_takes_along_whom_it_suits_and_releases_others(
    deeds: Deeds, student: Student, engine: Engine, school: School, booking: int
) -> None:
    course = student.course
    elsewhere = school.session(school.group_class(), 20 * DAY)
    other, package = course.enrol_one()
    with engine.begin() as db:
        db.execute(text("UPDATE session SET capacity_max = 2"))
    released = course_seat(course, course.sessions[0], other, package)
    seat(school, elsewhere, other)
    path = f"/sessions/{course.sessions[0]}/move"
    at = times(school.now + 20 * DAY)
    tried, result = tried_and_done(deeds, engine, path, at | REASON)
    assert sorted(tried) == sorted(affected(result))
    moved = [(who, which, outcome) for who, which, outcome, _ in affected(result)]
    assert sorted(moved) == [(student.id, booking, "MOVED"), (other, released, "CANCELLED")]
    assert result["session"]["startAt"] == at["startAt"].replace("+00:00", "Z")
    assert result["session"]["seatsTaken"] == 1
    assert deeds.refusal(path, times(school.now - DAY) | REASON) == "session_started"


def test_more_capacity_is_the_waitlists_and_less_is_refused_below_the_seats_taken(
    deeds: Deeds, student: Student, engine: Engine, booking: int
) -> None:
    course, session = student.course, student.course.sessions[0]
    other, package = course.enrol_one()
    waits(course, other, package, session)
    path = f"/sessions/{session}/capacity"
    assert deeds.refusal(path, {"capacityMax": 0} | REASON) == "capacity_too_low"
    tried, result = tried_and_done(deeds, engine, path, {"capacityMax": 2} | REASON)
    assert tried == [(other, None, "PROMOTED", [])]
    assert (set(result), result["affected"]) == ({"session", "affected"}, [])
    assert result["session"]["capacityMax"] == 2
    assert course.school.seats_taken(session) == 2


def test_cancelling_a_package_gives_back_its_coming_seats(
    deeds: Deeds, student: Student, engine: Engine, booking: int
) -> None:
    path = f"/packages/{student.package}/cancel"
    tried, result = tried_and_done(deeds, engine, path, REASON)
    assert tried == affected(result) == [(student.id, booking, "CANCELLED", [])]
    assert set(result) == {"affected"}
    (package,) = student.get("/api/students/me/course-packages").json
    assert (package["status"], package["steps"][0]["booking"]) == ("CANCELLED", None)
    assert deeds.refusal(path, REASON) == "package_inactive"


@pytest.mark.parametrize("starts_in", [-2 * HOUR, DAY])
def test_attendance_is_marked_and_taken_back(
    deeds: Deeds, student: Student, school: School, starts_in: timedelta
) -> None:
    session = school.session(student.course.group_class, starts_in, capacity=2)
    booking = course_seat(student.course, session, student.id, student.package)
    guest = seat(school, session, school.person())
    path = f"/sessions/{session}/attendance"
    marks = [
        {"bookingId": booking, "status": "ATTENDED"},
        {"bookingId": guest, "status": "NO_SHOW"},
    ]
    result = deeds.result(path, {"marks": marks})
    assert set(result) == {"bookings"}
    assert all(set(one["booking"]) == BOOKING for one in result["bookings"])
    of_step, of_seat = result["bookings"]
    assert (of_step["booking"]["status"], of_step["progress"]["status"]) == (
        "ATTENDED",
        "COMPLETED",
    )
    assert set(of_step["progress"]) == PROGRESS
    assert (of_seat["booking"]["status"], of_seat["progress"]) == ("NO_SHOW", None)
    back = {"marks": [{"bookingId": booking, "status": "CONFIRMED"}]}
    assert deeds.result(path, back)["bookings"][0]["progress"]["status"] == "BOOKED"


def test_a_booking_of_another_session_is_marked_by_no_one_and_neither_are_the_others(
    deeds: Deeds, student: Student, school: School, booking: int, later: int
) -> None:
    elsewhere = seat(school, later, school.person())
    path = f"/sessions/{student.course.sessions[0]}/attendance"
    for wrong in (elsewhere, 2**63 - 1):
        marks = [{"bookingId": id_, "status": "ATTENDED"} for id_ in (booking, wrong)]
        assert deeds.refusal(path, {"marks": marks}) == "booking_invalid"
    assert deeds.visitor.ids("/api/admin/bookings", status="ATTENDED") == []


def test_a_teachers_marks_are_decided_like_staffs(  # noqa: PLR0917 - fixtures
    teacher: Visitor,
    client: FlaskClient,
    settings: Settings,
    school: School,
    decider: Decider,
    staff: Visitor,
) -> None:
    session = school.session(school.group_class(teacher_id=teacher.id), -HOUR)
    booking = seat(school, session, school.person())
    marks = {"marks": [{"bookingId": booking, "status": "ATTENDED"}]}
    Deeds(teacher, decider).result(f"/sessions/{session}/attendance", marks)
    (entry,) = staff.items("/api/admin/audit")
    assert entry["actorId"] == teacher.id


def test_what_staff_did_is_audited_with_its_reason_and_a_refusal_or_dry_run_is_not(
    deeds: Deeds, student: Student, booking: int
) -> None:
    session = student.course.sessions[0]
    deeds.result(f"/sessions/{session}/cancel", REASON | DRY)
    deeds.refusal(f"/sessions/{session}/capacity", {"capacityMax": 0} | REASON)
    deeds.result(f"/sessions/{session}/cancel", REASON)
    (entry,) = deeds.visitor.items("/api/admin/audit")
    assert (entry["actorId"], entry["reason"]) == (deeds.visitor.id, REASON["reason"])
