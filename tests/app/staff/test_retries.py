"""Failed jobs, asked for once more."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.settings import Settings
from models.lanes import lane_of
from models.round import Decider
from tests.app.deeds import Deeds, times
from tests.app.rows import job, waits
from tests.app.students import CALLS, Student, decide
from tests.app.visitors import Visitor
from tests.school import DAY, School

ERROR = {"code": "job_failed", "message": "A sentence.", "detail": "Given up."}


def give_up(school: School, job_id: str) -> str:
    """A queued job as it is left when it broke each time it was tried."""
    with school.engine.begin() as db:
        query = (
            "UPDATE booking_job SET status = 'FAILED', decided_at = now(), attempts = 5,"
            " error = jsonb_build_object('code', 'job_failed', 'message', 'x', 'detail', 'x')"
            " WHERE id = :id"
        )
        db.execute(text(query), {"id": job_id})
        db.execute(text("DELETE FROM job_queue WHERE job_id = :id"), {"id": job_id})
    return job_id


def failed_promotion(student: Student) -> str:
    course = student.course
    session = course.sessions[0]
    return job(
        course.school,
        kind="PROMOTE",
        status="FAILED",
        error=ERROR,
        session_id=session,
        request={"session_id": session},
        lanes=[lane_of(course.group_class)],
    )


def retry(failed: str) -> str:
    return f"/jobs/{failed}/retry"


@pytest.mark.parametrize("status", ["QUEUED", "SUCCEEDED", "REFUSED", "WITHDRAWN"])
def test_only_a_failed_job_is_tried_again(staff: Visitor, school: School, status: str) -> None:
    outcome: dict[str, Any] = {"SUCCEEDED": {"result": {}}, "REFUSED": {"error": ERROR}}
    made = job(school, status=status, **outcome.get(status, {}))
    answer = staff.post(f"/api/admin{retry(made)}")
    assert (answer.status_code, answer.json["code"]) == (409, "job_not_failed")
    assert answer.mimetype == "application/problem+json"
    assert staff.ids("/api/admin/jobs") == [made]


def test_a_retry_takes_no_body_but_an_empty_one(staff: Visitor, student: Student) -> None:
    path = f"/api/admin{retry(failed_promotion(student))}"
    for content_type, data, status in (
        ("text/plain", b"{}", 415),
        ("application/json", b"{", 400),
        ("application/json", b'{"reason": "x"}', 422),
        ("application/json", b"[]", 422),
        ("application/json", b"{}", 202),
    ):
        answer = staff.client.post(
            path, data=data, content_type=content_type, headers=staff.headers
        )
        assert answer.status_code == status


@pytest.mark.parametrize("name", CALLS)
def test_a_students_job_of_each_kind_is_asked_for_again_as_a_new_one(
    deeds: Deeds, student: Student, name: str
) -> None:
    made = student.call(name, student.usual_body(name)).json
    failed = give_up(student.course.school, made["id"])
    again = deeds(retry(failed))
    assert (again["retryOf"], again["kind"]) == (failed, made["kind"])
    assert again["id"] != failed
    booked = name in {"book", "bulk"}
    assert again["status"] == ("SUCCEEDED" if booked else "REFUSED")
    (package,) = student.get("/api/students/me/course-packages").json
    assert (package["steps"][0]["booking"] is not None) == booked
    # it is the member of staff's own; the student's says still that it failed
    (own,) = student.get("/api/jobs").json["items"]
    assert (own["id"], own["status"]) == (failed, "FAILED")
    seen = deeds.visitor.get(f"/api/admin/jobs/{again['id']}").json
    assert (seen["userId"], seen["submittedBy"]) == (student.id, deeds.visitor.id)


def test_a_deed_of_staff_is_asked_for_again(deeds: Deeds, school: School) -> None:
    path = f"/group-classes/{school.group_class()}/sessions"
    made = deeds.visitor.post(f"/api/admin{path}", times(school.now + DAY)).json["id"]
    again = deeds(retry(give_up(school, made)))
    assert (again["status"], again["result"]["session"]["capacityMax"]) == ("SUCCEEDED", 10)


def test_a_promotion_is_tried_again_but_not_while_one_is_open(
    deeds: Deeds, student: Student, client: FlaskClient, settings: Settings
) -> None:
    course = student.course
    failed = failed_promotion(student)
    entry = waits(course, student.id, student.package, course.sessions[0])
    again = deeds(retry(failed))
    assert (again["kind"], again["retryOf"]) == ("PROMOTE", failed)
    ((promoted,), skipped) = again["result"]["promoted"], again["result"]["skipped"]
    assert (promoted["waitlistEntryId"], skipped) == (entry, [])

    (entry,) = deeds.visitor.items("/api/admin/audit")
    assert (entry["action"], entry["subject"], entry["subjectId"]) == (
        "promote",
        "session",
        course.sessions[0],
    )

    deeds.visitor.post(f"/api/admin{retry(failed)}")
    for headers in ({}, {"Idempotency_Key": "k-1"}):
        answer = deeds.visitor.post(f"/api/admin{retry(failed)}", **headers)
        assert (answer.status_code, answer.json["code"]) == (409, "promotion_already_queued")


def test_a_promotion_tried_again_comes_before_newcomers_who_came_first(
    staff: Visitor, student: Student, client: FlaskClient, settings: Settings, decider: Decider
) -> None:
    course = student.course
    failed = failed_promotion(student)
    waits(course, student.id, student.package, course.sessions[0])
    _, package = course.enrol_one()
    body = {"packageId": package, "courseStepId": course.step, "courseStepOptionId": course.option}
    newcomer = staff.post("/api/admin/bookings", body).json["id"]
    promotion = staff.post(f"/api/admin{retry(failed)}").json["id"]
    decide(decider)
    assert staff.get(f"/api/jobs/{promotion}").json["status"] == "SUCCEEDED"
    assert staff.get(f"/api/jobs/{newcomer}").json["error"]["code"] == "session_full"


def test_a_repeated_key_is_the_same_retry(staff: Visitor, student: Student) -> None:
    made = student.book().json["id"]
    path = f"/api/admin{retry(give_up(student.course.school, made))}"
    first, again = (staff.post(path, Idempotency_Key="k-1") for _ in range(2))
    assert (first.json["id"], again.headers["Idempotency-Replayed"]) == (again.json["id"], "true")
    assert staff.post(path).json["id"] != first.json["id"]
