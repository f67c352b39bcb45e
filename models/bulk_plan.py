"""Plans a bulk booking: tries every step in turn, and leaves the desk as it was.

A session that is planned for one step counts as taken when the next one is judged.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from models.desk import Desk, Held, Job, Seats, Step
from models.enrolment import ProgressStatus
from models.judging import judge_booking
from models.refusal import Refusal, RefusalCode
from models.seating import seat_in
from models.wish import Wish

_NO_BOOKING = 0
"""The id of a seat that is only planned; no booking has it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """One step to book, chosen by hand or because there is nothing to choose.

    `step` is None when the package has no such step.
    """

    step_id: int
    step: Step | None
    option_id: int
    session_id: int | None
    is_manual: bool

    @property
    def order(self) -> float:
        """The step's place in the program; unknown steps come last."""
        return float("inf") if self.step is None else self.step.step_order


@dataclass(slots=True)
class Plan:
    """Which session each step is to be taken in, and which steps can't be booked."""

    seats: list[tuple[Selection, Step, Seats]] = field(default_factory=list)
    failures: list[tuple[Selection, Refusal]] = field(default_factory=list)

    @property
    def breaks_a_choice(self) -> bool:
        """Whether something that was chosen by hand can't be booked."""
        return any(selection.is_manual for selection, _ in self.failures)


def selections_of(desk: Desk, job: Job) -> list[Selection]:
    """The steps chosen by hand, then those without a choice, each in the program's order."""
    steps = package_steps(desk, job)
    manual = [
        Selection(
            chosen["course_step_id"],
            steps.get(chosen["course_step_id"]),
            chosen["course_step_option_id"],
            chosen.get("session_id"),
            is_manual=True,
        )
        for chosen in job.request["selections"]
    ]
    named = {selection.step_id for selection in manual}
    automatic = [
        Selection(step_id, step, option_id, None, is_manual=False)
        for step_id, step in steps.items()
        if step_id not in named
        and step.progress_status == ProgressStatus.UNBOOKED
        and (option_id := _only_option(desk, step_id)) is not None
    ]
    return sorted(manual, key=lambda s: s.order) + sorted(automatic, key=lambda s: s.order)


def package_steps(desk: Desk, job: Job) -> dict[int, Step]:
    """The steps of the job's package by their ids."""
    return {
        step_id: step
        for (package_id, step_id), step in desk.steps.items()
        if package_id == job.student_package_id
    }


def wish_for(job: Job, selection: Selection, step: Step) -> Wish:
    """What the selection asks for."""
    return Wish(
        step=step,
        option_id=selection.option_id,
        session_id=selection.session_id,
        asked_at=job.submitted_at,
    )


def plan_bulk(desk: Desk, job: Job, selections: list[Selection], *, binding: bool) -> Plan:
    """Try the selections in turn; when a choice is `binding` and fails, nothing else is tried."""
    plan = Plan()
    with _undone(desk) as planned:
        for selection in selections:
            if binding and not selection.is_manual and plan.breaks_a_choice:
                break
            _try(desk, job, selection, plan, planned)
    return plan


def _try(
    desk: Desk, job: Job, selection: Selection, plan: Plan, planned: list[tuple[Held, Seats]]
) -> None:
    step = selection.step
    if step is None:
        detail = f"step {selection.step_id} is not one of package {job.student_package_id}"
        plan.failures.append((selection, Refusal(RefusalCode.OPTION_INVALID, detail)))
        return
    wish = wish_for(job, selection, step)
    answer = judge_booking(desk, wish)
    if isinstance(answer, Refusal):
        answer.wish = wish
        plan.failures.append((selection, answer))
        return
    plan.seats.append((selection, step, answer))
    planned.append((_hold(desk, step, answer), answer))


def _hold(desk: Desk, step: Step, session: Seats) -> Held:
    """Take the seat as far as the next judgement sees it."""
    session.seats_taken += 1
    held = seat_in(session, step.user_id, _NO_BOOKING, desk.now)
    held.student_package_id = step.student_package_id
    held.course_step_id = step.course_step_id
    held.step_order = step.step_order
    desk.held_by(step.user_id).append(held)
    return held


@contextmanager
def _undone(desk: Desk) -> Iterator[list[tuple[Held, Seats]]]:
    planned: list[tuple[Held, Seats]] = []
    try:
        yield planned
    finally:
        for held, session in planned:
            session.seats_taken -= 1
            seats = desk.held_by(held.user_id)
            seats[:] = [other for other in seats if other is not held]


def _only_option(desk: Desk, step_id: int) -> int | None:
    """The step's active option, where there is exactly one."""
    active = [o.id for o in desk.options.values() if o.course_step_id == step_id and o.is_active]
    return active[0] if len(active) == 1 else None
