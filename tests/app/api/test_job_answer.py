"""How a submit is answered."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.api.job_answer import submitted

ID = "0199a0de-7b2c-7d33-8a55-0c9f0f6b2a11"


@pytest.fixture(autouse=True)
def _in_app(open_client: FlaskClient) -> Iterator[None]:
    with open_client.application.test_request_context():
        yield


def job(
    status: str,
    kind: str = "BOOK_STEP",
    poll_after_ms: int | None = None,
    result: dict[str, Any] | None = None,
) -> SimpleNamespace:
    return SimpleNamespace(
        id=ID,
        kind=kind,
        status=status,
        position=None,
        estimated_seconds=None,
        poll_after_ms=poll_after_ms,
        attempts=0,
        task_id=None,
        retry_of=None,
        submitted_at=datetime(2026, 3, 1, tzinfo=UTC),
        decided_at=None,
        result=result,
        error=None,
    )


@pytest.mark.parametrize(
    ("poll_after_ms", "seconds"), [(None, "1"), (0, "1"), (1000, "1"), (1001, "2"), (4500, "5")]
)
def test_a_queued_job_is_a_202_that_says_where_and_when_to_ask(
    poll_after_ms: int | None, seconds: str
) -> None:
    answer = submitted(job("QUEUED", poll_after_ms=poll_after_ms))

    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/api/jobs/{ID}"
    assert answer.headers["Retry-After"] == seconds
    assert "Preference-Applied" not in answer.headers
    assert answer.json["id"] == ID


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        ("SUCCEEDED", "BOOK_STEP", 201),
        ("SUCCEEDED", "CHANGE_STEP", 201),
        ("SUCCEEDED", "JOIN_WAITLIST", 201),
        ("SUCCEEDED", "CANCEL_STEP", 200),
        ("REFUSED", "BOOK_STEP", 200),
        ("FAILED", "BOOK_STEP", 200),
        ("WITHDRAWN", "BOOK_STEP", 200),
    ],
)
def test_a_job_decided_within_the_wait_is_a_201_if_it_made_something(
    status: str, kind: str, code: int
) -> None:
    answer = submitted(job(status, kind), preferred_wait=timedelta(seconds=5))

    assert answer.status_code == code
    assert answer.headers["Preference-Applied"] == "wait=5"
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize(
    ("bookings", "code"), [([{"booking": {}, "progress": {}}], 201), ([], 200)]
)
def test_a_bulk_booking_is_a_201_if_it_booked_anything(bookings: list[Any], code: int) -> None:
    result = {"bookings": bookings, "auto_booked": [], "manual_selections": [], "failures": []}
    assert submitted(job("SUCCEEDED", "BULK_BOOK", result=result)).status_code == code


@pytest.mark.parametrize(("status", "code"), [("QUEUED", 202), ("SUCCEEDED", 200)])
def test_a_replay_says_so_and_makes_nothing(status: str, code: int) -> None:
    answer = submitted(job(status), replayed=True)

    assert answer.status_code == code
    assert answer.headers["Idempotency-Replayed"] == "true"
