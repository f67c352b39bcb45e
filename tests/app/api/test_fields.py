"""How values are printed."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.api.schemas.bookings import CourseStepBookingResponseSchema
from app.api.schemas.enrolments import EnrolmentSchema
from app.api.schemas.jobs import RESULT_SCHEMAS, JobSchema
from models.booking_job import JobKind
from models.instants import print_instant


@pytest.mark.parametrize(
    ("moment", "printed"),
    [
        (datetime(2026, 3, 1, 9, 30, tzinfo=UTC), "2026-03-01T09:30:00Z"),
        (datetime(2026, 3, 1, 9, 30, 5, 120_999, UTC), "2026-03-01T09:30:05.120Z"),
        (datetime(2026, 3, 1, 9, 30, 5, 999, UTC), "2026-03-01T09:30:05Z"),
        (datetime(2026, 7, 1, 1, tzinfo=ZoneInfo("Europe/Berlin")), "2026-06-30T23:00:00Z"),
        (
            datetime(2026, 1, 1, tzinfo=timezone(-timedelta(hours=3, minutes=30))),
            "2026-01-01T03:30:00Z",
        ),
    ],
)
def test_an_instant_is_printed_in_utc_with_a_z(moment: datetime, printed: str) -> None:
    assert print_instant(moment) == printed


def test_an_instant_without_a_zone_is_never_printed() -> None:
    with pytest.raises(ValueError, match="zone"):
        print_instant(datetime(2026, 3, 1))  # noqa: DTZ001 - the fault under test


NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
BOOKING = {
    "id": 1,
    "session_id": 2,
    "status": "CONFIRMED",
    "booking_type": "COURSE_STEP",
    "created_at": NOW,
    "course_step_id": 3,
    "student_package_id": 4,
    "metadata": {"stepOrder": 1, "stepLabel": "A", "packageName": "Gold"},
    "payment_status": "PAID",
    "change_until": NOW,
    "cancel_until": None,
}
PROGRESS = {"id": 5, "course_step_id": 3, "status": "BOOKED", "booking_id": 1, "booked_at": NOW}


def test_a_booking_is_printed_as_the_contract_names_its_fields() -> None:
    printed = CourseStepBookingResponseSchema().dump({"booking": BOOKING, "progress": PROGRESS})

    assert list(printed["booking"]) == [
        "id",
        "sessionId",
        "status",
        "bookingType",
        "createdAt",
        "courseStepId",
        "studentPackageId",
        "metadata",
        "paymentStatus",
        "changeUntil",
        "cancelUntil",
    ]
    assert printed["booking"]["metadata"] == BOOKING["metadata"]
    assert printed["progress"] == {
        "id": 5,
        "courseStepId": 3,
        "status": "BOOKED",
        "bookingId": 1,
        "bookedAt": "2026-03-01T09:30:00Z",
    }


def job(**changes: object) -> dict[str, object]:
    return {
        "id": "0199a0de-7b2c-7d33-8a55-0c9f0f6b2a11",
        "kind": "BOOK_STEP",
        "status": "QUEUED",
        "position": 0,
        "estimated_seconds": 1,
        "poll_after_ms": 1000,
        "attempts": 0,
        "task_id": None,
        "retry_of": None,
        "submitted_at": NOW,
        "decided_at": None,
        "result": None,
        "error": None,
    } | changes


def test_a_job_has_all_fields_of_the_contract_in_order() -> None:
    assert list(JobSchema().dump(job())) == [
        "id",
        "kind",
        "status",
        "position",
        "estimatedSeconds",
        "pollAfterMs",
        "attempts",
        "taskId",
        "retryOf",
        "submittedAt",
        "decidedAt",
        "result",
        "error",
    ]


def test_a_result_that_was_kept_as_json_is_printed_like_a_fresh_one() -> None:
    kept = {
        "booking": {**BOOKING, "created_at": "2026-03-01T10:30:00+01:00", "change_until": None},
        "progress": {**PROGRESS, "booked_at": "2026-03-01T09:30:00Z"},
    }
    printed = JobSchema().dump(job(status="SUCCEEDED", result=kept))["result"]

    assert printed["booking"]["createdAt"] == "2026-03-01T09:30:00Z"
    assert printed["progress"]["bookedAt"] == "2026-03-01T09:30:00Z"


def test_every_kind_of_job_has_a_shape_for_its_result() -> None:
    assert set(RESULT_SCHEMAS) >= set(JobKind)


@pytest.mark.parametrize(
    ("kind", "result", "fields"),
    [
        ("CHANGE_STEP", {"booking": BOOKING, "progress": PROGRESS}, ["booking", "progress"]),
        (
            "CANCEL_STEP",
            {"success": True, "booking": BOOKING, "progress": PROGRESS},
            ["booking", "progress", "success"],
        ),
        (
            "BULK_BOOK",
            {"bookings": [], "auto_booked": [3], "manual_selections": [], "failures": []},
            ["bookings", "autoBooked", "manualSelections", "failures"],
        ),
        ("JOIN_WAITLIST", {"waitlist_entry": None}, ["waitlistEntry"]),
    ],
)
def test_a_result_has_the_shape_of_its_jobs_kind(
    kind: str, result: dict[str, Any], fields: list[str]
) -> None:
    assert kind in RESULT_SCHEMAS
    printed = JobSchema().dump(job(kind=kind, status="SUCCEEDED", result=result))["result"]

    assert sorted(printed) == sorted(fields)


def test_a_refusal_is_printed_with_its_alternatives_and_without_what_it_lacks() -> None:
    error = {
        "type": "/api/docs#problem-session_full",
        "title": "Session full",
        "status": 409,
        "code": "session_full",
        "detail": "Session full",
        "message": "This session is full.",
        "alternatives": [],
        "waitlist_open": False,
    }
    printed = JobSchema().dump(job(status="REFUSED", error=error))["error"]

    assert printed["waitlistOpen"] is False
    assert printed["alternatives"] == []
    assert "failures" not in printed
    assert "errors" not in printed


def test_an_enrolment_is_printed_with_its_steps() -> None:
    step = {
        "step_id": 3,
        "step_label": "A",
        "step_title": "Basics",
        "step_order": 1,
        "is_required": True,
        "progress": {**PROGRESS, "status": "UNBOOKED", "booking_id": None, "booked_at": None},
        "booking": None,
        "session": None,
        "waitlist": [
            {
                "id": 1,
                "course_step_option_id": 2,
                "session_id": None,
                "position": 1,
                "joined_at": NOW,
            }
        ],
    }
    enrolment = {
        "package_id": 4,
        "package_name": "Gold",
        "status": "ACTIVE",
        "expires_at": None,
        "program": {"id": 9, "title": "German"},
        "steps": [step],
    }
    printed = EnrolmentSchema().dump(enrolment)

    assert printed["program"] == {"id": 9, "title": "German"}
    assert printed["steps"][0]["booking"] is None
    assert printed["steps"][0]["waitlist"][0]["sessionId"] is None
    assert printed["expiresAt"] is None
