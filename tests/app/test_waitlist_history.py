"""What students see of their places on waitlists."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from app.settings import Settings
from models.enrolments import enrolments
from models.policy import Policy
from models.waitlist_positions import positions
from tests.app.rows import seat, skip, waits
from tests.app.students import Student
from tests.app.visitors import Visitor, refused_cursors
from tests.school import DAY, HOUR, Course, School


@pytest.fixture
def course(school: School) -> Course:
    return school.course(capacity=5, sessions=2)


def path(student: Student) -> str:
    return f"{student.path}/steps/{student.course.step}/waitlist"


def joined(student: Student, session: int | None = None, **columns: Any) -> int:
    return waits(student.course, student.id, student.package, session, **columns)


def others_wait(course: Course, *sessions: int | None) -> list[int]:
    return [waits(course, *course.enrol_one(), session) for session in sessions]


def ended(school: School, why: str) -> dict[str, Any]:
    return {"status": "ENDED", "end_reason": why, "ended_at": school.now}


def test_an_entry_is_shown_with_its_place_and_what_passed_it_over(student: Student) -> None:
    school, session = student.course.school, student.course.sessions[0]
    others_wait(student.course, session, None)
    entry = joined(student, session)
    skip(school, entry, session, "time_conflict", message="You are elsewhere then.")
    skip(school, entry, session, "package_expired", at=school.now + HOUR)
    listed = student.get(path(student)).json
    (shown,) = listed["items"]
    skips = shown.pop("skips")
    assert listed["next"] is None
    assert shown.pop("joinedAt").endswith("Z")
    assert shown == {
        "id": entry,
        "courseStepOptionId": student.course.option,
        "sessionId": session,
        "status": "WAITING",
        "position": 3,
        "endedAt": None,
        "endReason": None,
        "bookingId": None,
    }
    assert [one["code"] for one in skips] == ["time_conflict", "package_expired"]
    assert set(skips[0]) == {"at", "sessionId", "code", "message"}
    assert (skips[0]["sessionId"], skips[0]["message"]) == (session, "You are elsewhere then.")


def test_all_entries_of_the_step_are_listed_page_by_page_the_newest_first(
    student: Student, client: FlaskClient, settings: Settings
) -> None:
    school, session = student.course.school, student.course.sessions[0]
    booking = seat(school, session, student.id)
    made = [
        joined(student, session, status="LEFT", ended_at=school.now),
        joined(student, None, **ended(school, "SEATED_ELSEWHERE")),
        joined(student, session, status="PROMOTED", ended_at=school.now, booking_id=booking),
        joined(student),
    ]
    others_wait(student.course, session)
    pages = list(Visitor(client, settings, student.id).pages(path(student)))
    items = [item for page in pages for item in page["items"]]
    assert [item["id"] for item in items] == made[::-1]
    assert [item["status"] for item in items] == ["WAITING", "PROMOTED", "ENDED", "LEFT"]
    assert [item["position"] for item in items] == [1, None, None, None]
    assert [item["endReason"] for item in items] == [None, None, "SEATED_ELSEWHERE", None]
    assert [item["bookingId"] for item in items] == [None, booking, None, None]
    assert [item["endedAt"] is None for item in items] == [True, False, False, False]


def test_the_waitlist_of_another_students_step_is_not_found(
    student: Student, client: FlaskClient, settings: Settings
) -> None:
    other = Student(client, settings, student.course)
    joined(other)
    answers = [
        student.get(path(other)),
        student.get(f"{student.path}/steps/999/waitlist"),
        student.get(f"/api/students/me/course-packages/999/steps/{student.course.step}/waitlist"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({answer.data for answer in answers}) == 1
    assert student.get(path(student)).json == {"items": [], "next": None}


def test_what_isnt_a_place_among_the_entries_is_refused(
    student: Student, client: FlaskClient, settings: Settings
) -> None:
    for session in (None, student.course.sessions[0]):
        joined(student, session)
    visitor = Visitor(client, settings, student.id)
    refused_cursors(visitor, path(student), f"{visitor.get('/api/jobs').json['next']}")


def test_ahead_are_those_who_compete_for_the_same_seat(course: Course, engine: Engine) -> None:
    first, second = course.sessions
    elsewhere = course.school.course()
    line = others_wait(course, first, second, None, second, first, None)
    waits(elsewhere, *elsewhere.enrol_one())
    gone = waits(course, *course.enrol_one(), first, status="LEFT", ended_at=course.school.now)
    last = others_wait(course, first)
    with engine.connect() as db:
        found = positions(db, [*line, gone, *last, 999])
        assert positions(db, []) == {}
    #                   1:first 2:second 3:any 4:second 5:first 6:any | 7:first
    assert [found[entry] for entry in line] == [1, 1, 3, 3, 3, 6]
    assert found == dict(zip(line, [1, 1, 3, 3, 3, 6], strict=True)) | {last[0]: 5}


def test_enrolments_show_what_each_step_waits_for(student: Student) -> None:
    school, course = student.course.school, student.course
    others_wait(course, None)
    mine = [joined(student, course.sessions[1]), joined(student)]
    joined(student, course.sessions[0], **ended(school, "SESSION_PASSED"))
    (package,) = student.get("/api/students/me/course-packages").json
    (step,) = package["steps"]
    for entry in step["waitlist"]:
        assert entry.pop("joinedAt").endswith("Z")
    option = {"courseStepOptionId": course.option}
    assert step["waitlist"] == [
        {"id": mine[0], "sessionId": course.sessions[1], "position": 2} | option,
        {"id": mine[1], "sessionId": None, "position": 3} | option,
    ]


def test_enrolments_dont_show_waiting_for_what_isnt_to_come_any_more(student: Student) -> None:
    school, group_class = student.course.school, student.course.group_class
    joined(student, school.session(group_class, -1 * DAY))
    joined(student, school.session(group_class, 9 * DAY, status="CANCELLED"))
    (package,) = student.get("/api/students/me/course-packages").json
    assert package["steps"][0]["waitlist"] == []


def test_the_waiting_of_all_packages_costs_one_query(student: Student, engine: Engine) -> None:
    school, course = student.course.school, student.course
    packages = [student.package, *(school.package(student.id, course.cohort) for _ in range(3))]
    made = [waits(course, student.id, package) for package in packages]
    statements = []
    with engine.connect() as db:
        event.listen(db, "before_cursor_execute", lambda *args: statements.append(args[2]))
        listed = enrolments(db, student.id, school.now, Policy())
    assert len(statements) == 2
    assert [package["steps"][0]["waitlist"][0]["id"] for package in listed] == made
