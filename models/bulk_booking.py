"""The use case “book many steps”, as the wizard after a purchase does.

The steps chosen by hand, plus every unbooked step that has exactly one active option and wasn't
chosen. `ALL_OR_NOTHING` binds the choices: when one of them can't be booked, nothing is.
"""

from dataclasses import replace
from enum import StrEnum
from typing import Any

from models.booking_job import JobStatus
from models.bulk_plan import (
    Plan,
    Selection,
    package_steps,
    plan_bulk,
    selections_of,
    wish_for,
)
from models.desk import Desk, Job
from models.facts import seated_facts
from models.judging import judge_opening, judge_package
from models.refusal import Refusal
from models.seating import seat_student
from models.telling import tell_booked
from models.verdict import Verdict, helped


class BulkMode(StrEnum):
    """Whether one refusal stops everything."""

    ALL_OR_NOTHING = "ALL_OR_NOTHING"
    BEST_EFFORT = "BEST_EFFORT"


def bulk_book(desk: Desk, job: Job) -> Verdict:
    """Book the selected steps and those without a choice, or say which couldn't be.

    Refused when the package can't be used, when a binding choice can't be booked, and when
    nothing could be booked at all although there was something to book.
    """
    selections = selections_of(desk, job)
    refusal = _judge_package(desk, job)
    if refusal is not None:
        return _refused(job, refusal, _every_one(job, selections, refusal))
    binding = job.request["mode"] == BulkMode.ALL_OR_NOTHING
    plan = plan_bulk(desk, job, selections, binding=binding)
    if (binding and plan.breaks_a_choice) or (plan.failures and not plan.seats):
        failures = sorted(plan.failures, key=lambda failure: failure[0].order)
        return _refused(job, failures[0][1], failures)
    return _booked(desk, job, plan)


def _judge_package(desk: Desk, job: Job) -> Refusal | None:
    step = next(iter(package_steps(desk, job).values()), None)
    if step is None:
        return None
    return judge_package(step, job.submitted_at) or judge_opening(step, job.submitted_at)


def _every_one(
    job: Job, selections: list[Selection], refusal: Refusal
) -> list[tuple[Selection, Refusal]]:
    failures = []
    for selection in sorted(selections, key=lambda chosen: chosen.order):
        wish = wish_for(job, selection, selection.step) if selection.step else None
        failures.append((selection, replace(refusal, alternatives=[], wish=wish)))
    return failures


def _refused(job: Job, refusal: Refusal, failures: list[tuple[Selection, Refusal]]) -> Verdict:
    def tell() -> dict[str, Any]:
        return refusal.facts() | {"failures": _failures_facts(failures)}

    return Verdict(job, JobStatus.REFUSED, tell, helped([r for _, r in failures]))


def _booked(desk: Desk, job: Job, plan: Plan) -> Verdict:
    seated = []
    for selection, step, session in plan.seats:
        held = seat_student(desk, job, step, session)
        tell_booked(desk, job, held)
        seated.append((selection, seated_facts(desk, held, step)))
    plan.failures.sort(key=lambda failure: failure[0].order)

    def tell() -> dict[str, Any]:
        return {
            "bookings": [facts for _, facts in seated],
            "auto_booked": [chosen.step_id for chosen, _ in seated if not chosen.is_manual],
            "manual_selections": [chosen.step_id for chosen, _ in seated if chosen.is_manual],
            "failures": _failures_facts(plan.failures),
        }

    return Verdict(job, JobStatus.SUCCEEDED, tell, helped([r for _, r in plan.failures]))


def _failures_facts(failures: list[tuple[Selection, Refusal]]) -> list[dict[str, Any]]:
    return [
        {
            "course_step_id": selection.step_id,
            "code": refusal.code.value,
            "message": refusal.message,
            "alternatives": refusal.alternatives,
            **refusal.waitlist_facts(),
        }
        for selection, refusal in failures
    ]
