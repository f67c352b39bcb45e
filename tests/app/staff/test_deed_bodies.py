"""What staff shouldn't send, and which field is named."""

from typing import Any

import pytest
from sqlalchemy import Engine, text

from tests.app.deeds import REASON, times
from tests.app.visitors import Visitor
from tests.school import DAY, HOUR, School

ADD, MOVE = "/group-classes/1/sessions", "/sessions/1/move"
REASONED = {
    "/sessions/1/cancel": {},
    MOVE: {"startAt": "2030-01-01T09:00:00Z", "endAt": "2030-01-01T10:00:00Z"},
    "/sessions/1/capacity": {"capacityMax": 3},
    "/bookings/1/cancel": {},
    "/packages/1/cancel": {},
}
WITH_DRY_RUN = [path for path in REASONED if path != "/bookings/1/cancel"]
STEP = {"packageId": 1, "courseStepId": 1, "courseStepOptionId": 1}
SEAT = {"bookingType": "DROP_IN", "userId": 1, "sessionId": 1}
NO_IDS: list[Any] = [True, 1.0, "7", 2**63, -1, 0, [], {}]
MARK = {"bookingId": 1, "status": "ATTENDED"}


@pytest.fixture(autouse=True)
def _nothing_is_accepted(staff: Visitor, engine: Engine) -> Any:
    yield
    with engine.connect() as db:
        assert db.scalar(text("SELECT count(*) FROM booking_job")) == 0


def errors(visitor: Visitor, path: str, body: Any) -> list[str]:
    answer = visitor.post(f"/api/admin{path}", body)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_fields"), answer.text
    return sorted(answer.json["errors"])


def test_a_reason_is_needed_wherever_there_is_one(staff: Visitor) -> None:
    for path, others in REASONED.items():
        for body in (
            {},
            {"reason": None},
            {"reason": ""},
            {"reason": " \n\u2003"},
            {"reason": "x" * 501},
            {"reason": 7},
        ):
            assert errors(staff, path, others | body) == ["reason"], (path, body)
        for reason in ("\x00", "\ud800"):
            assert errors(staff, path, others | {"reason": reason}) == ["reason"]


def test_a_dry_run_is_true_or_false(staff: Visitor) -> None:
    for path in WITH_DRY_RUN:
        for value in (1, 0, "true", [], {}):
            body = REASONED[path] | REASON | {"dryRun": value}
            assert errors(staff, path, body) == ["dryRun"], (path, value)


def test_only_some_deeds_have_a_dry_run(staff: Visitor) -> None:
    dry = {"dryRun": True}
    assert errors(staff, "/bookings/1/cancel", REASON | dry) == ["dryRun"]
    assert errors(staff, "/bookings/1/change", {"courseStepOptionId": 1} | dry) == ["dryRun"]
    assert errors(staff, ADD, REASONED[MOVE] | dry) == ["dryRun"]
    assert errors(staff, "/bookings", STEP | dry) == ["dryRun"]
    assert errors(staff, "/sessions/1/attendance", {"marks": [MARK]} | dry) == ["dryRun"]


@pytest.mark.parametrize("path", [ADD, MOVE])
def test_a_session_ends_after_it_starts_and_not_in_another_age(
    staff: Visitor, school: School, path: str
) -> None:
    reason = REASON if path == MOVE else {}
    at = times(school.now + 3 * DAY)
    for body in (
        at | {"endAt": at["startAt"]},
        times(school.now + 3 * DAY, -HOUR),
        at | {"endAt": "2200-01-01T00:00:00Z"},
        {"startAt": "9998-01-01T10:00:00Z", "endAt": "9998-01-01T11:00:00Z"},
        at | {"endAt": "9999-12-31T23:30:00Z"},
    ):
        assert errors(staff, path, reason | body) == ["endAt"]
    for value in ("", "tomorrow", "2030-01-01", "2030-01-01T09:00:00", "2030-02-30T09:00:00Z", 1):
        assert errors(staff, path, reason | at | {"startAt": value}) == ["startAt"], value
    assert errors(staff, path, reason) == ["endAt", "startAt"]


def test_a_number_of_seats_is_a_small_whole_number(staff: Visitor) -> None:
    for value in (-1, True, 1.5, 1.0, "3", 100_001, 2**63, 10**30, [], {}):
        for path, others in (
            ("/sessions/1/capacity", REASON),
            (ADD, REASONED[MOVE]),
        ):
            assert errors(staff, path, others | {"capacityMax": value}) == ["capacityMax"], value
    assert errors(staff, "/sessions/1/capacity", REASON) == ["capacityMax"]


def test_marks_are_of_one_booking_each_and_say_what_became_of_it(staff: Visitor) -> None:
    path = "/sessions/1/attendance"
    for marks in ([], None, 7, "x", {}, [MARK, MARK | {"status": "NO_SHOW"}], [MARK] * 1001):
        assert errors(staff, path, {"marks": marks}) == ["marks"], str(marks)[:40]
    for status in ("CANCELLED", "attended", "", None, 1, True, "\x00"):
        body = {"marks": [MARK | {"status": status}]}
        assert errors(staff, path, body) == ["marks[0].status"], status
    for id_ in NO_IDS:
        body = {"marks": [MARK, MARK | {"bookingId": id_}]}
        assert errors(staff, path, body) == ["marks[1].bookingId"], id_
    assert errors(staff, path, {"marks": [MARK | {"extra": 1}]}) == ["marks[0].extra"]
    assert errors(staff, path, {}) == ["marks"]


def test_a_booking_is_of_a_step_or_of_a_seat_and_never_both(staff: Visitor) -> None:
    path = "/bookings"
    assert errors(staff, path, {}) == ["courseStepId", "courseStepOptionId", "packageId"]
    assert errors(staff, path, STEP | {"userId": 1}) == ["userId"]
    assert errors(staff, path, STEP | SEAT) == ["courseStepId", "courseStepOptionId", "packageId"]
    assert errors(staff, path, SEAT | {"override": REASON}) == ["override"]
    assert errors(staff, path, {"bookingType": "WORKSHOP"}) == ["sessionId", "userId"]
    assert errors(staff, path, {"userId": 1, "sessionId": 1}) == [
        *("courseStepId", "courseStepOptionId", "packageId", "userId"),
    ]
    for wrong in ("drop_in", "", "OTHER", 1, True, [], {}):
        assert errors(staff, path, SEAT | {"bookingType": wrong}) == ["bookingType"], wrong
    for data in ([], "x", 7):
        assert errors(staff, path, data) == ["body"]


@pytest.mark.parametrize("of", [STEP, SEAT])
def test_ids_of_a_booking_that_are_none_are_invalid(staff: Visitor, of: dict[str, Any]) -> None:
    for field in of.keys() - {"bookingType"}:
        for value in NO_IDS:
            assert errors(staff, "/bookings", of | {field: value}) == [field], value


def test_an_override_has_a_reason_and_nothing_else(staff: Visitor) -> None:
    for path, others in (
        ("/bookings", STEP),
        ("/bookings/1/change", {"courseStepOptionId": 1}),
        ("/bookings/1/cancel", REASON),
    ):
        for reason in (None, "", "  ", "x" * 501, 7, "\x00"):
            body = others | {"override": {"reason": reason}}
            assert errors(staff, path, body) == ["override.reason"], (path, reason)
        assert errors(staff, path, others | {"override": {}}) == ["override.reason"]
        assert errors(staff, path, others | {"override": True}) == ["override"]
        extra = {"override": {"reason": "x", "capacity": True}}
        assert errors(staff, path, others | extra) == ["override.capacity"]


@pytest.mark.parametrize("path", [*REASONED, ADD, "/bookings", "/sessions/1/attendance"])
def test_a_body_has_to_be_json_with_known_fields(staff: Visitor, path: str) -> None:
    whole = f"/api/admin{path}"
    for content_type, data, status in (
        ("text/plain", b"{}", 415),
        ("application/json", b"{", 400),
        ("application/json", b"", 400),
    ):
        answer = staff.client.post(
            whole, data=data, content_type=content_type, headers=staff.headers
        )
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert "price" in errors(staff, path, {"price": 1})
