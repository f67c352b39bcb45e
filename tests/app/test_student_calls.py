"""What students submit besides booking one step: the answers of each call, to the letter."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from app.settings import Settings
from models.booking_job import JobKind
from models.round import Decider
from tests.app.caller import KINDS, Caller, refusal
from tests.app.job_shapes import (
    BOOKING,
    ENTRY,
    JOB,
    OFFER,
    PROBLEM,
    PROGRESS,
)
from tests.app.students import CALLS, Student
from tests.school import HOUR, Course

BODIES = ["book", "change", "bulk", "join"]


@pytest.fixture
def caller(student: Student, decider: Decider) -> Caller:
    return Caller(student, decider)


@pytest.fixture
def other(client: FlaskClient, settings: Settings, course: Course, decider: Decider) -> Caller:
    """Another student of the course."""
    return Caller(Student(client, settings, course), decider)


@pytest.fixture
def later(course: Course) -> int:
    """A second session of the course."""
    return course.school.session(course.group_class, timedelta(days=9))


# The answer to the submit


@pytest.mark.parametrize("name", CALLS)
def test_each_call_is_accepted_as_a_job(student: Student, name: str) -> None:
    answer = student.call(name, student.usual_body(name))
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/api/jobs/{answer.json['id']}"
    assert int(answer.headers["Retry-After"]) >= 1
    assert set(answer.json) == JOB
    assert (answer.json["kind"], answer.json["status"]) == (KINDS[name], "QUEUED")
    assert student.get(answer.headers["Location"]).json["id"] == answer.json["id"]
    assert KINDS[name] in set(JobKind)


def test_waiting_answers_201_where_something_was_made_and_200_otherwise(
    student: Student, client: FlaskClient, settings: Settings, deciding: None, later: int
) -> None:
    other = Student(client, settings, student.course)
    option = {"courseStepOptionId": student.course.option}
    first, second = (option | {"sessionId": id_} for id_ in (student.course.sessions[0], later))
    calls: list[tuple[Student, str, Any, int]] = [
        (student, "bulk", student.usual_body("bulk"), 201),
        (student, "bulk", {"selections": []}, 200),
        (student, "change", second, 201),
        (student, "change", second, 200),
        (other, "join", second, 201),
        (other, "leave", None, 200),
        (student, "cancel", None, 200),
        (student, "cancel", {"reason": "Ill"}, 200),
        (student, "join", first, 200),
    ]
    for who, name, body, status in calls:
        answer = who.call(name, body, Prefer="wait=10")
        assert (name, answer.status_code) == (name, status), answer.text
        assert answer.headers["Preference-Applied"] == "wait=10"
        assert answer.json["status"] in {"SUCCEEDED", "REFUSED"}
        assert "Retry-After" not in answer.headers
        assert set(answer.json) == JOB


# What each one comes to


def test_a_change_results_in_the_new_booking(caller: Caller, later: int, engine: Engine) -> None:
    old = caller("book", caller.seat(caller.student.course.sessions[0]))["result"]["booking"]
    result = caller("change", caller.seat(later))["result"]
    booking, progress = result["booking"], result["progress"]
    assert (set(result), set(booking), set(progress)) == (
        {"booking", "progress"},
        BOOKING,
        PROGRESS,
    )
    assert booking["id"] != old["id"]
    assert (booking["sessionId"], booking["status"]) == (later, "CONFIRMED")
    assert (progress["status"], progress["bookingId"]) == ("BOOKED", booking["id"])
    query = "SELECT status, cancel_reason FROM booking WHERE id = :id"
    with engine.connect() as db:
        left = db.execute(text(query), {"id": old["id"]}).one()
    assert tuple(left) == ("CANCELLED", "Student changed to different session")


@pytest.mark.parametrize("body", [None, {}, {"reason": None}, {"reason": "Ill"}, {"reason": ""}])
def test_a_cancellation_results_in_the_cancelled_booking_and_free_progress(
    caller: Caller, body: Any
) -> None:
    booked = caller("book", caller.seat())["result"]
    result = caller("cancel", body)["result"]
    assert (set(result), set(result["booking"])) == ({"success", "booking", "progress"}, BOOKING)
    assert result["success"] is True
    assert (result["booking"]["id"], result["booking"]["status"]) == (
        booked["booking"]["id"],
        "CANCELLED",
    )
    assert result["progress"] == booked["progress"] | {
        "status": "UNBOOKED",
        "bookingId": None,
        "bookedAt": None,
    }


def test_a_seat_on_the_waitlist_can_be_taken_and_given_up(caller: Caller, other: Caller) -> None:
    session = caller.student.course.sessions[0]
    caller("book", caller.seat())
    result = other("join", other.seat(session))["result"]
    entry = result["waitlistEntry"]
    assert (set(result), set(entry)) == ({"waitlistEntry"}, ENTRY)
    assert (entry["courseStepOptionId"], entry["sessionId"], entry["position"]) == (
        caller.student.course.option,
        session,
        1,
    )
    assert other("leave")["result"] == {"success": True, "left": [entry["id"]]}


def test_whoever_waits_for_any_session_of_an_option_names_none(
    caller: Caller, other: Caller
) -> None:
    caller("book", caller.seat())
    entry = other("join", other.seat() | {"sessionId": None})["result"]["waitlistEntry"]
    assert (entry["sessionId"], entry["position"]) == (None, 1)


# Refusals


def check_refusal(job: dict[str, Any], code: str) -> dict[str, Any]:
    assert refusal(job) == ("REFUSED", code)
    error = job["error"]
    assert set(error) == PROBLEM
    assert (error["type"], error["status"]) == (f"/api/docs#problem-{code}", 409)
    assert error["message"]
    assert all(set(offer) == OFFER for offer in error["alternatives"])
    assert isinstance(error["waitlistOpen"], bool)
    return error


def test_what_cant_be_done_is_refused_with_its_code(caller: Caller, later: int) -> None:
    first = caller.student.course.sessions[0]
    unknown = {"courseStepOptionId": 2**63 - 1}
    check_refusal(caller("change", caller.seat(later)), "not_booked")
    check_refusal(caller("cancel"), "not_booked")
    check_refusal(caller("leave"), "not_waitlisted")
    check_refusal(caller("join", caller.seat()), "session_not_full")
    check_refusal(caller("join", unknown), "option_invalid")
    check_refusal(caller("join", caller.seat(2**63 - 1)), "session_invalid")
    caller("book", caller.seat(first))
    check_refusal(caller("change", caller.seat(first)), "same_session")
    check_refusal(caller("change", unknown), "option_invalid")
    check_refusal(caller("change", caller.seat(2**63 - 1)), "session_invalid")
    check_refusal(caller("book", caller.seat(later)), "step_already_booked")


def test_a_full_session_is_refused_with_others_and_whether_one_can_wait(
    caller: Caller, other: Caller, later: int
) -> None:
    third = caller.student.course.school.session(
        caller.student.course.group_class, timedelta(days=12)
    )
    first = caller.student.course.sessions[0]
    caller("book", caller.seat(first))
    other("book", other.seat(later))
    error = check_refusal(caller("change", caller.seat(later)), "session_full")
    assert error["waitlistOpen"] is True
    assert [offer["sessionId"] for offer in error["alternatives"]] == [third]


def test_a_line_is_joined_once_and_while_it_is_open(caller: Caller, other: Caller) -> None:
    course = caller.student.course
    soon = course.school.session(course.group_class, HOUR, capacity=0)
    caller("book", caller.seat(course.sessions[0]))
    other("join", other.seat(course.sessions[0]))
    again = other("join", other.seat(course.sessions[0]))
    assert check_refusal(again, "already_waitlisted")["alternatives"] == []
    check_refusal(other("join", other.seat(soon)), "waitlist_closed")


def test_within_the_window_nothing_is_changed_or_cancelled(caller: Caller, later: int) -> None:
    course = caller.student.course
    soon = course.school.session(course.group_class, 5 * HOUR)
    caller("book", caller.seat(soon))
    check_refusal(caller("change", caller.seat(later)), "too_late_to_change")
    check_refusal(caller("cancel", {"reason": "Ill"}), "too_late_to_cancel")


# A body that isn't there


@pytest.mark.parametrize("name", ["cancel", "leave"])
def test_nothing_sent_is_no_body_whatever_it_is_called(student: Student, name: str) -> None:
    method, end = CALLS[name]
    for content_type in ("text/plain", "application/json", None):
        answer = student.client.open(
            student.path + end.format(step=student.course.step),
            method=method,
            data=b"",
            content_type=content_type,
            headers=student.headers,
        )
        assert answer.status_code == 202


# What the enrolments show afterwards


def enrolled_step(caller: Caller) -> dict[str, Any]:
    (package,) = caller.student.get("/api/students/me/course-packages").json
    (step,) = package["steps"]
    return step


def test_enrolments_follow_what_is_booked_changed_and_cancelled(caller: Caller, later: int) -> None:
    caller("book", caller.seat(caller.student.course.sessions[0]))
    changed = caller("change", caller.seat(later))["result"]
    step = enrolled_step(caller)
    assert (step["booking"], step["progress"]) == (changed["booking"], changed["progress"])
    assert step["session"]["id"] == later

    cancelled = caller("cancel")["result"]
    step = enrolled_step(caller)
    assert (step["booking"], step["session"]) == (None, None)
    assert step["progress"] == cancelled["progress"]


def test_enrolments_show_places_on_waitlists_and_the_seat_they_came_to(
    caller: Caller, other: Caller
) -> None:
    session = caller.student.course.sessions[0]
    caller("book", caller.seat())
    entry = other("join", other.seat(session))["result"]["waitlistEntry"]
    assert enrolled_step(other)["waitlist"] == [entry]

    caller("cancel")
    step = enrolled_step(other)
    assert (step["waitlist"], step["session"]["id"]) == ([], session)
    assert step["progress"]["status"] == "BOOKED"


# Whose package it is, and who asks


def test_foreign_and_unknown_packages_and_steps_answer_the_same_404(
    student: Student, client: FlaskClient, settings: Settings
) -> None:
    foreign = Student(client, settings, student.course)
    other_step = student.course.school.course().step
    bodies = set()
    for name, (_, path) in CALLS.items():
        body = student.usual_body(name)
        asked = [{"package": foreign.package}, {"package": 999_999}, {"package": 10**30}]
        if "step" in path:
            asked += [{"step": 999_999}, {"step": other_step}, {"step": -1}, {"step": 2**63}]
        answers = [student.call(name, body, **path_ids) for path_ids in asked]
        assert {answer.status_code for answer in answers} == {404}, name
        bodies |= {answer.data for answer in answers}
    assert len(bodies) == 1
    assert student.get("/api/jobs").json["items"] == []


@pytest.mark.parametrize("name", CALLS)
def test_whoever_isnt_signed_in_is_told_to(student: Student, name: str) -> None:
    body = student.usual_body(name)
    for header in ("", "Bearer", "Bearer nonsense", "Basic YTpi"):
        answer = student.call(name, body, Authorization=header)
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


# Repeated keys


@pytest.mark.parametrize("name", CALLS)
def test_the_same_key_and_request_are_the_same_job_and_another_request_is_none(
    student: Student, name: str
) -> None:
    body, key = student.usual_body(name), {"Idempotency_Key": "k-1"}
    first = student.call(name, body, **key)
    again = student.call(name, body, **key)
    assert (first.status_code, again.status_code) == (202, 202)
    assert (first.json["id"], again.headers["Idempotency-Replayed"]) == (again.json["id"], "true")
    assert again.headers["Location"] == first.headers["Location"]

    others: list[TestResponse] = [student.call("leave" if name == "cancel" else "cancel", **key)]
    if name in BODIES:
        others.append(student.call(name, other_body(name, body), **key))
    if name == "cancel":
        others.append(student.call(name, {"reason": "Ill"}, **key))
    for answer in others:
        assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    assert [job["id"] for job in student.get("/api/jobs").json["items"]] == [first.json["id"]]


def other_body(name: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"selections": []} if name == "bulk" else body | {"sessionId": 1}


@pytest.mark.parametrize("name", CALLS)
def test_spelled_out_nulls_and_defaults_are_the_same_request(student: Student, name: str) -> None:
    body, key = student.usual_body(name), {"Idempotency_Key": "k-1"}
    same: Any = {} if body is None else {"sessionId": None} | body
    if name == "cancel":
        same = {"reason": None}
    if name == "bulk":
        nulls = [selection | {"sessionId": None} for selection in body["selections"]]
        same = {"mode": "ALL_OR_NOTHING", "selections": nulls}
    first, again = student.call(name, body, **key), student.call(name, same, **key)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json["id"] == again.json["id"]


@pytest.mark.parametrize("name", CALLS)
def test_a_bad_key_is_refused(student: Student, name: str) -> None:
    for key in ("", "a,b", "a b", "ü", "x" * 256):
        answer = student.call(name, student.usual_body(name), Idempotency_Key=key)
        assert (answer.status_code, answer.json["code"]) == (400, "invalid_idempotency_key")


def test_a_package_cancelled_since_takes_nothing_from_a_repeated_key(
    student: Student, engine: Engine
) -> None:
    first = student.call("leave", Idempotency_Key="k-1")
    with engine.begin() as db:
        query = "UPDATE student_package SET user_id = :other"
        db.execute(text(query), {"other": student.course.school.person()})
    again = student.call("leave", Idempotency_Key="k-1")
    assert (again.status_code, again.json["id"]) == (202, first.json["id"])
    assert student.call("leave").status_code == 404
