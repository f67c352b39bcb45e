"""What of a decision is audited, judged without a database."""

from typing import Any

import pytest

from models.auditing import note_job_of_staff
from models.booking_job import JobKind, JobStatus
from models.verdict import done
from tests.models.rules.situation import (
    NOW,
    PACKAGE,
    STAFF,
    Situation,
)

BOOK = JobKind.BOOK_STEP


def deed(
    kind: JobKind, status: JobStatus = JobStatus.SUCCEEDED, **asked: Any
) -> list[dict[str, Any]]:
    """What is noted when a member of staff had this decided."""
    situation = Situation()
    session = situation.session(id=277)
    fields = {
        "submitted_by": STAFF,
        "submitted_from": "192.0.2.7",
        "student_package_id": PACKAGE,
    } | asked.pop("fields", {})
    job = situation.job(kind, about=session, fields=fields, **asked)
    verdict = done(job, {})
    verdict.status = status
    note_job_of_staff(situation.desk, verdict)
    for row in situation.desk.changes.audit:
        assert row.pop("booking_job_id") == job.id
    return situation.desk.changes.audit


def test_what_a_member_of_staff_did_is_audited() -> None:
    asked = {"reason": "ill", "capacity_max": 4}
    assert deed(JobKind.SET_CAPACITY, **asked) == [
        {
            "at": NOW,
            "actor_id": STAFF,
            "action": "set_capacity",
            "subject": "session",
            "subject_id": 277,
            "reason": "ill",
            "detail": asked,
            "source": "192.0.2.7",
        }
    ]


@pytest.mark.parametrize(
    ("kind", "subject", "subject_id"),
    [
        (JobKind.ADD_SESSION, "group_class", 51),
        (JobKind.CANCEL_SESSION, "session", 277),
        (JobKind.MOVE_SESSION, "session", 277),
        (JobKind.MARK_ATTENDANCE, "session", 277),
        (JobKind.BOOK_SEAT, "session", 277),
        (JobKind.CANCEL_PACKAGE, "student_package", PACKAGE),
        (JobKind.BOOK_STEP, "student_package", PACKAGE),
    ],
)
def test_a_deed_says_what_it_was_done_to(kind: JobKind, subject: str, subject_id: int) -> None:
    (row,) = deed(kind, group_class_id="51")
    assert (row["action"], row["subject"]) == (kind.value.lower(), subject)
    assert row["subject_id"] == subject_id
    assert row["reason"] is None


def test_the_reason_for_waiving_a_rule_goes_before_the_deeds_own() -> None:
    (row,) = deed(JobKind.CANCEL_STEP, reason="ill", override={"reason": "as agreed"})
    assert row["reason"] == "as agreed"


def test_what_a_student_did_or_what_was_refused_is_not_audited() -> None:
    assert deed(BOOK, fields={"submitted_from": None}) == []
    assert deed(BOOK, JobStatus.REFUSED) == []
