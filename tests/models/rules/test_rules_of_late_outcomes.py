"""Who is told of a late decision by mail, and of which; no database."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from models.booking_job import JobKind
from models.late_outcomes import STUDENTS_OWN, is_late, late_failure, tell_late_outcome
from models.refusal import Refusal, RefusalCode
from models.verdict import Verdict, done, refused
from tests.models.rules.situation import (
    INSTANT,
    MINUTE,
    NOW,
    OTHER,
    PACKAGE,
    STAFF,
    STUDENT,
    Situation,
)

LATE = {"submitted_at": NOW - MINUTE - INSTANT}


def mails(verdict: Verdict, situation: Situation) -> list[str]:
    tell_late_outcome(situation.desk, verdict)
    return situation.topics


def refusing(kind: JobKind, situation: Situation, **fields: Any) -> Verdict:
    step = situation.step()
    job = situation.job(kind, step, fields=LATE | fields)
    return refused(job, Refusal(RefusalCode.SESSION_FULL, "full"))


@pytest.mark.parametrize("kind", sorted(STUDENTS_OWN))
def test_a_late_refusal_is_told_with_the_job_it_is_about(kind: JobKind) -> None:
    situation = Situation()
    verdict = refusing(kind, situation)
    assert mails(verdict, situation) == ["request_refused"]
    assert situation.told == [
        {
            "kind": "MAIL",
            "topic": "request_refused",
            "payload": {"booking_job_id": str(verdict.job.id)},
            "user_id": STUDENT,
            "student_package_id": PACKAGE,
            "course_step_id": verdict.job.course_step_id,
            "booking_job_id": verdict.job.id,
            "created_at": NOW,
        }
    ]
    assert isinstance(situation.desk.changes.messages[0]["id"], UUID)


@pytest.mark.parametrize("waited", [timedelta(0), MINUTE])
def test_what_is_refused_within_a_minute_is_told_on_the_screen_alone(waited: timedelta) -> None:
    situation = Situation()
    verdict = refusing(JobKind.BOOK_STEP, situation, submitted_at=NOW - waited)
    assert mails(verdict, situation) == []


def test_nobody_is_told_of_what_somebody_else_asked_for() -> None:
    situation = Situation()
    assert mails(refusing(JobKind.BOOK_STEP, situation, submitted_by=STAFF), situation) == []
    assert mails(refusing(JobKind.BOOK_STEP, situation, user_id=OTHER), situation) == []


@pytest.mark.parametrize("kind", sorted(set(JobKind) - STUDENTS_OWN))
def test_nobody_is_told_of_the_schools_own_jobs(kind: JobKind) -> None:
    assert mails(refusing(kind, situation := Situation()), situation) == []


@pytest.mark.parametrize("kind", sorted(STUDENTS_OWN))
def test_what_succeeds_late_is_told_where_nothing_else_tells_it(kind: JobKind) -> None:
    situation = Situation()
    job = situation.job(kind, fields=LATE)
    verdict = done(job, {"failures": [], "bookings": [{}]})
    expected = ["waitlist_left"] if kind == JobKind.LEAVE_WAITLIST else []
    assert mails(verdict, situation) == expected


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ({"failures": [{}], "bookings": [{}]}, ["request_refused"]),
        ({"failures": [], "bookings": []}, ["request_refused"]),
        ({"failures": [], "bookings": [{}]}, []),
    ],
)
def test_a_late_bulk_booking_tells_what_it_left_out(
    result: dict[str, Any], told: list[str]
) -> None:
    situation = Situation()
    job = situation.job(JobKind.BULK_BOOK, fields=LATE)
    assert mails(done(job, result), situation) == told


def test_who_waited_long_is_told_that_it_broke() -> None:
    situation = Situation()
    late, early = situation.job(JobKind.BOOK_STEP, fields=LATE), situation.job(JobKind.BOOK_STEP)
    [row] = late_failure(late, NOW)
    assert (row["topic"], row["payload"]) == ("request_refused", {"booking_job_id": str(late.id)})
    assert late_failure(early, NOW) == []
    assert is_late(late, NOW)
    assert not is_late(early, NOW)
