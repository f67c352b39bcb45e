"""What nobody should send to a student's calls, and how it is answered."""

from typing import Any

import pytest
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from tests.app.students import CALLS, Student

NO_IDS: list[Any] = [True, 1.0, "7", 2**63, 10**30, -1, 0, [1], {}]
WITH_OPTION = ["change", "join"]


def raw(
    student: Student, name: str, data: bytes, content_type: str = "application/json"
) -> TestResponse:
    """A call with just these bytes."""
    method, end = CALLS[name]
    return student.client.open(
        student.path + end.format(step=student.course.step),
        method=method,
        data=data,
        content_type=content_type,
        headers=student.headers,
    )


def errors(answer: TestResponse) -> list[str]:
    """The fields that a 422 names."""
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["code"] == "invalid_fields"
    assert {"type", "title", "status", "code", "detail", "message", "errors"} == set(answer.json)
    return list(answer.json["errors"])


@pytest.fixture(autouse=True)
def _nothing_is_accepted(student: Student, engine: Engine) -> Any:
    yield
    with engine.connect() as db:
        assert db.scalar(text("SELECT count(*) FROM booking_job")) == 0


@pytest.mark.parametrize("name", CALLS)
def test_a_body_that_isnt_json_is_no_body(student: Student, name: str) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        answer = raw(student, name, b"{}", content_type)
        assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")
    assert raw(student, name, b"{}", "application/json; charset=latin-1").status_code == 415


@pytest.mark.parametrize("name", CALLS)
def test_malformed_json_is_told_as_such(student: Student, name: str) -> None:
    deep = b"[" * 30_000
    long_integer = b'{"reason": ' + b"1" * 5000 + b"}"
    same_key_twice = b'{"reason": "a", "reason": "b"}'
    for data in (b"{", b'{"reason": NaN}', b"\xff", b"{}x", deep, long_integer, same_key_twice):
        answer = raw(student, name, data)
        assert (answer.status_code, answer.json["code"]) == (400, "malformed_body"), data[:20]


@pytest.mark.parametrize("name", CALLS)
def test_a_body_of_another_kind_is_invalid(student: Student, name: str) -> None:
    for data in (b"[]", b"null", b'"x"', b"7", b"[{}]"):
        assert errors(raw(student, name, data)) == ["body"]


@pytest.mark.parametrize("name", CALLS)
def test_fields_nobody_asked_for_are_invalid(student: Student, name: str) -> None:
    usual = student.usual_body(name) or {}
    for field in ("userId", "price", "status", "course_step_option_id", "override", "dryRun"):
        assert errors(student.call(name, usual | {field: 1})) == [field]


@pytest.mark.parametrize("name", ["change", "join", "bulk"])
def test_a_call_that_needs_a_body_says_so(student: Student, name: str) -> None:
    answer = student.call(name)
    assert (answer.status_code, answer.json["code"]) == (400, "body_required")
    needed = "selections" if name == "bulk" else "courseStepOptionId"
    assert errors(student.call(name, {})) == [needed]


@pytest.mark.parametrize("name", WITH_OPTION)
def test_ids_that_are_none_are_invalid(student: Student, name: str) -> None:
    for value in NO_IDS:
        body = {"courseStepOptionId": student.course.option, "sessionId": value}
        assert errors(student.call(name, body)) == ["sessionId"], value
    for value in [*NO_IDS, None]:
        assert errors(student.call(name, {"courseStepOptionId": value})) == ["courseStepOptionId"]


@pytest.mark.parametrize("field", ["courseStepId", "courseStepOptionId", "sessionId"])
def test_ids_of_selections_that_are_none_are_invalid(student: Student, field: str) -> None:
    (selection,) = student.usual_body("bulk")["selections"]
    for value in NO_IDS:
        body = {"selections": [selection | {field: value}]}
        assert errors(student.call("bulk", body)) == [f"selections[0].{field}"], value


def test_selections_that_are_none_are_invalid(student: Student) -> None:
    (selection,) = student.usual_body("bulk")["selections"]
    for selections in (None, 7, "x", {}):
        assert errors(student.call("bulk", {"selections": selections})) == ["selections"]
    for inner in (None, 7, "x", []):
        body = {"selections": [inner]}
        assert errors(student.call("bulk", body)) == ["selections[0]"], inner
    extra = {"selections": [selection | {"price": 1}]}
    assert errors(student.call("bulk", extra)) == ["selections[0].price"]
    assert errors(student.call("bulk", {"selections": [{}]})) == [
        "selections[0].courseStepOptionId",
        "selections[0].courseStepId",
    ]


def test_more_than_fifty_selections_or_a_step_twice_are_invalid(student: Student) -> None:
    option = {"courseStepOptionId": student.course.option}
    many = [option | {"courseStepId": number} for number in range(1, 52)]
    twice = [option | {"courseStepId": 1}, {"courseStepOptionId": 99, "courseStepId": 1}]
    for selections in (many, twice):
        assert errors(student.call("bulk", {"selections": selections})) == ["selections"]


def test_an_unknown_mode_is_invalid(student: Student) -> None:
    for mode in ("all_or_nothing", "NOTHING", "", 1, True, [], "\x00", "\ud800"):
        assert errors(student.call("bulk", {"selections": [], "mode": mode})) == ["mode"], mode


def test_a_reason_that_is_too_long_or_cant_be_stored_is_invalid(student: Student) -> None:
    for reason in ("x" * 501, "\x00", "a\x00b", "\ud800", 7, True, [], {}):
        assert errors(student.call("cancel", {"reason": reason})) == ["reason"], reason


def test_leaving_a_waitlist_takes_no_reason(student: Student) -> None:
    assert errors(student.call("leave", {"reason": "Ill"})) == ["reason"]


@pytest.mark.parametrize("name", CALLS)
def test_a_body_over_64_kib_is_too_large(student: Student, name: str) -> None:
    answer = raw(student, name, b'{"reason": "' + b"x" * 65_536 + b'"}')
    assert (answer.status_code, answer.json["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("name", CALLS)
def test_another_method_is_told_which_ones_there_are(student: Student, name: str) -> None:
    method, end = CALLS[name]
    path = student.path + end.format(step=student.course.step)
    for other in {"PUT", "PATCH"} - {method}:
        answer = student.client.open(path, method=other, headers=student.headers)
        assert answer.status_code == 405
        assert method in answer.headers["Allow"]
