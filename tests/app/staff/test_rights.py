"""Who may see what under `/api/admin`."""

from uuid import UUID, uuid4

import pytest

from tests.app.rows import job
from tests.app.visitors import Visitor
from tests.school import School

LISTS = ["sessions", "bookings", "students", "jobs", "outbox", "audit", "events", "webhooks"]


@pytest.mark.parametrize("subject", LISTS)
def test_staff_and_admins_see_every_list(
    staff: Visitor, admin: Visitor, engine: object, subject: str
) -> None:
    for visitor in (staff, admin):
        answer = visitor.get(f"/api/admin/{subject}?limit=200&unknown=parameter")
        assert answer.status_code == 200
        assert set(answer.json) == {"items", "next"}


@pytest.mark.parametrize("subject", [*LISTS, "sessions/1", f"jobs/{UUID(int=1)}"])
def test_teachers_and_students_see_none_of_them(
    teacher: Visitor, learner: Visitor, subject: str
) -> None:
    for visitor in (teacher, learner):
        answer = visitor.get(f"/api/admin/{subject}?limit=wrong")
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize("subject", [*LISTS, "sessions/1", "sessions/1/roster"])
def test_whoever_isnt_signed_in_is_told_to(staff: Visitor, subject: str) -> None:
    answer = staff.client.get(f"/api/admin/{subject}")
    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers


def test_students_see_no_roster_whether_it_exists_or_not(learner: Visitor, school: School) -> None:
    session = school.session(school.group_class())
    for path in (f"{session}/roster", f"{session}/roster.csv", "999/roster"):
        assert learner.get(f"/api/admin/sessions/{path}").status_code == 403


def test_teachers_see_rosters_of_their_own_classes_and_no_others(
    teacher: Visitor, staff: Visitor, admin: Visitor, school: School
) -> None:
    own = school.session(school.group_class(teacher_id=teacher.id))
    foreign = school.session(school.group_class())
    for end in ("roster", "roster.csv"):
        unknown = teacher.get(f"/api/admin/sessions/999/{end}")
        answer = teacher.get(f"/api/admin/sessions/{foreign}/{end}")
        assert teacher.get(f"/api/admin/sessions/{own}/{end}").status_code == 200
        assert (answer.status_code, answer.data) == (404, unknown.data)
        for visitor in (staff, admin):
            assert visitor.get(f"/api/admin/sessions/{foreign}/{end}").status_code == 200
            assert visitor.get(f"/api/admin/sessions/999/{end}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        *("sessions?from=yesterday", "sessions?groupClassId=0", "sessions?status=GONE"),
        *("bookings?studentId=x", "bookings?packageId=9223372036854775808", "bookings?status=x"),
        *("bookings?bookingType=x", "bookings?sessionId=-1", "students?q=", "students?q=%00"),
        *("students?q=" + "x" * 101, "jobs?status=x", "jobs?kind=x", "jobs?userId=0"),
        *("audit?actorId=x", "audit?to=2026-03-01", *(f"{subject}?limit=201" for subject in LISTS)),
    ],
)
def test_a_list_asked_for_wrongly_is_invalid_and_the_field_is_named(
    staff: Visitor, query: str
) -> None:
    answer = staff.get(f"/api/admin/{query}")
    field = query.partition("?")[2].partition("=")[0]
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_what_isnt_there_is_not_found(staff: Visitor, school: School) -> None:
    job(school)
    for path in ("sessions/999", "sessions/0", "sessions/x", f"jobs/{uuid4()}", "jobs/1"):
        answer = staff.get(f"/api/admin/{path}")
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")


@pytest.mark.parametrize("subject", ["sessions", "audit"])
def test_the_whole_calendar_can_be_asked_for(staff: Visitor, subject: str) -> None:
    query = {"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59.999999Z"}
    assert staff.get(f"/api/admin/{subject}", query).json == {"items": [], "next": None}
