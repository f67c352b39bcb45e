"""Who may do what under `/api/admin`, and to what there is."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from tests.app.deeds import REASON, times
from tests.app.rows import course_seat, job
from tests.app.students import Student
from tests.app.visitors import Visitor
from tests.school import DAY, School

SUBMITS = [
    *("/group-classes/{group_class}/sessions", "/sessions/{session}/cancel"),
    *("/sessions/{session}/move", "/sessions/{session}/capacity", "/sessions/{session}/attendance"),
    *("/bookings", "/bookings/{booking}/change", "/bookings/{booking}/cancel"),
    *("/packages/{package}/cancel", "/jobs/{job}/retry"),
]
ERROR = {"code": "job_failed", "message": "", "detail": ""}
ATTENDANCE = "/sessions/{session}/attendance"


@dataclass
class Place:
    """A school in which each deed can be done to something."""

    school: School
    ids: dict[str, Any]
    bodies: dict[str, Any]

    def path(self, submit: str, **others: Any) -> str:
        return "/api/admin" + submit.format(**self.ids | others)


@pytest.fixture
def place(student: Student) -> Place:
    course, session = student.course, student.course.sessions[0]
    booking = course_seat(course, session, student.id, student.package)
    ids = {
        "group_class": course.group_class,
        "session": session,
        "booking": booking,
        "package": student.package,
        "job": job(
            course.school, status="FAILED", error={"code": "x", "message": "", "detail": ""}
        ),
    }
    at = times(course.school.now + 20 * DAY)
    option = {"courseStepOptionId": course.option}
    bodies = [
        *(at, REASON, at | REASON, {"capacityMax": 3} | REASON),
        {"marks": [{"bookingId": booking, "status": "ATTENDED"}]},
        {"packageId": student.package, "courseStepId": course.step} | option,
        *(option, REASON, REASON, None),
    ]
    return Place(course.school, ids, dict(zip(SUBMITS, bodies, strict=True)))


@pytest.mark.parametrize("submit", SUBMITS)
def test_staff_and_admins_may_do_it_all(
    staff: Visitor, admin: Visitor, place: Place, submit: str
) -> None:
    for visitor in (staff, admin):
        answer = visitor.post(place.path(submit), place.bodies[submit])
        assert answer.status_code == 202, answer.text
        assert answer.headers["Location"] == f"/api/jobs/{answer.json['id']}"


@pytest.mark.parametrize("submit", SUBMITS)
def test_nobody_else_may_whatever_they_send(
    teacher: Visitor, learner: Visitor, place: Place, submit: str
) -> None:
    others = [learner] if submit == ATTENDANCE else [learner, teacher]
    for visitor in others:
        for body in (place.bodies[submit], {"wrong": True}):
            answer = visitor.post(place.path(submit), body)
            assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    answer = learner.client.post(place.path(submit), json=place.bodies[submit])
    assert (answer.status_code, answer.json["code"]) == (401, "not_signed_in")
    assert "WWW-Authenticate" in answer.headers


def test_teachers_mark_attendance_of_their_own_classes_and_no_others(
    teacher: Visitor, place: Place
) -> None:
    own = place.school.session(place.school.group_class(teacher_id=teacher.id))
    body = place.bodies[ATTENDANCE]
    assert teacher.post(place.path(ATTENDANCE, session=own), body).status_code == 202
    foreign = teacher.post(place.path(ATTENDANCE), body)
    unknown = teacher.post(place.path(ATTENDANCE, session=999_999), body)
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.data == unknown.data


@pytest.mark.parametrize("submit", [submit for submit in SUBMITS if "{" in submit])
def test_what_the_path_names_has_to_be_there(staff: Visitor, place: Place, submit: str) -> None:
    (name,) = [name for name in place.ids if f"{{{name}}}" in submit]
    unknown = [str(uuid4()), "1"] if name == "job" else [999_999, 2**63 - 1, 2**63, -1, 0, "x"]
    bodies = set()
    for id_ in unknown:
        answer = staff.post(place.path(submit, **{name: id_}), place.bodies[submit])
        assert (answer.status_code, answer.json["code"]) == (404, "not_found"), id_
        bodies.add(answer.data)
    assert len(bodies) == 1


@pytest.mark.parametrize("submit", SUBMITS)
def test_the_same_key_and_request_are_the_same_job(
    staff: Visitor, admin: Visitor, place: Place, submit: str
) -> None:
    path, body, key = place.path(submit), place.bodies[submit], {"Idempotency_Key": "k-1"}
    first = staff.post(path, body, **key)
    again = staff.post(path, spelled_out(submit, body), **key)
    assert (first.status_code, again.status_code) == (202, 202), again.text
    assert (again.json["id"], again.headers["Idempotency-Replayed"]) == (first.json["id"], "true")
    other = staff.post("/api/admin/sessions/1/cancel", {"reason": "Another"}, **key)
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    assert admin.post(path, body, **key).json["id"] != first.json["id"]


def spelled_out(submit: str, body: Any) -> Any:
    """The same body with its optional fields as nulls."""
    optional = {
        "/group-classes/{group_class}/sessions": ["capacityMax"],
        "/bookings": ["bookingType", "sessionId", "override"],
        "/bookings/{booking}/change": ["sessionId", "override"],
        "/bookings/{booking}/cancel": ["override"],
        ATTENDANCE: [],
        "/jobs/{job}/retry": [],
    }
    return dict.fromkeys(optional.get(submit, ["dryRun"])) | (body or {})


def test_a_job_of_staff_is_polled_by_its_submitter_and_seen_by_all_staff_and_no_student(
    staff: Visitor, admin: Visitor, student: Student, place: Place
) -> None:
    submit = "/bookings/{booking}/cancel"
    made = staff.post(place.path(submit), place.bodies[submit]).json["id"]
    assert staff.get(f"/api/jobs/{made}").json["id"] == made
    for visitor in (staff, admin):
        seen = visitor.get(f"/api/admin/jobs/{made}").json
        assert (seen["userId"], seen["submittedBy"]) == (student.id, staff.id)
    assert admin.get(f"/api/jobs/{made}").status_code == 404
    assert student.get(f"/api/jobs/{made}").status_code == 404
    assert student.get(f"/api/admin/jobs/{made}").status_code == 403
    assert student.get("/api/jobs").json["items"] == []
    assert student.delete(f"/api/jobs/{made}").status_code == 404
