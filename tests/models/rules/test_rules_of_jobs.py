"""What a job says of itself and of its place in line; no database."""

from models.booking_job import JobKind, Priority
from models.desk import Step
from models.enrolment import PackageStatus
from models.verdict import Verdict
from tests.models.rules.situation import (
    STUDENT,
    Situation,
    code,
)

BOOK = JobKind.BOOK_STEP


def test_a_job_stands_in_line_by_priority_and_then_by_arrival() -> None:
    situation = Situation()
    staffs = situation.job(BOOK, fields={"priority": Priority.STAFF, "arrival": 9})
    early = situation.job(BOOK, fields={"priority": Priority.ORDINARY, "arrival": 3})
    late = situation.job(BOOK, fields={"priority": Priority.ORDINARY, "arrival": 4})
    assert sorted([late, early, staffs], key=lambda job: job.place) == [staffs, early, late]


def test_a_job_says_what_it_asks_for() -> None:
    situation = Situation()
    plain = situation.job(BOOK, course_step_option_id="61")
    assert (plain.option_id, plain.session_id, plain.booking_id) == (61, None, None)
    assert (plain.override, plain.is_dry_run, plain.actor_id) == (None, False, STUDENT)
    full = situation.job(
        BOOK, session_id=201, booking_id=401, override={"reason": "why"}, dry_run=True
    )
    assert (full.session_id, full.booking_id) == (201, 401)
    assert (full.override, full.is_dry_run) == ("why", True)
    assert situation.job(BOOK, fields={"submitted_by": 0}).actor_id is None


def test_a_verdict_offers_for_refusals_that_another_session_helps_against() -> None:
    situation = Situation()
    step: Step = situation.step(package_status=PackageStatus.CANCELLED)
    verdict: Verdict = situation.ask(BOOK, step, situation.option(step))
    assert verdict.offering == []
    assert code(verdict) == "package_inactive"
