"""The use case “book one step”: judge it, and note on the desk what it changes.

The one path by which a seat is taken, whoever asks: `take_seat`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models.booking import BookingStatus, BookingType, PaymentStatus
from models.desk import Desk, Held, Job, Seats, Step
from models.enrolment import ProgressStatus
from models.judging import judge_booking
from models.policy import Policy
from models.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Taken:
    """A seat that was just taken for a step, to be written as a booking and its progress."""

    job: Job
    step: Step
    session: Seats
    created_at: datetime
    change_until: datetime
    cancel_until: datetime

    @property
    def metadata(self) -> dict[str, Any]:
        """What the plan keeps on a course booking, under the plan's own names."""
        return {
            "stepOrder": self.step.step_order,
            "stepLabel": self.step.step_label,
            "packageName": self.step.package_name,
        }


@dataclass(slots=True)
class Verdicts:
    """What a batch came to: the seats taken and the refusals, each with its job."""

    taken: list[Taken] = field(default_factory=list)
    refused: list[tuple[Job, Refusal]] = field(default_factory=list)


def book_step(desk: Desk, job: Job, policy: Policy, verdicts: Verdicts) -> None:
    """Decide one request to book a step; the desk and the verdicts show the outcome."""
    step = desk.steps[job.student_package_id, job.course_step_id]
    answer = judge_booking(desk, job, step)
    if isinstance(answer, Refusal):
        verdicts.refused.append((job, answer))
    else:
        verdicts.taken.append(take_seat(desk, job, step, answer, policy))


def take_seat(desk: Desk, job: Job, step: Step, session: Seats, policy: Policy) -> Taken:
    """Seat the student, so that whoever is judged next sees the seat gone."""
    session.seats_taken += 1
    step.progress_status = ProgressStatus.BOOKED
    desk.held_by(step.user_id).append(
        Held(
            user_id=step.user_id,
            session_id=session.id,
            group_class_name=session.group_class_name,
            start_at=session.start_at,
            end_at=session.end_at,
            student_package_id=step.student_package_id,
            step_order=step.step_order,
        )
    )
    return Taken(
        job=job,
        step=step,
        session=session,
        created_at=desk.now,
        change_until=policy.change_until(session.start_at, step.change_window_hours),
        cancel_until=policy.cancel_until(session.start_at, step.cancel_window_hours),
    )


def booking_facts(taken: Taken, booking_id: int) -> dict[str, Any]:
    """The booking as a job's result keeps it."""
    return {
        "id": booking_id,
        "session_id": taken.session.id,
        "status": BookingStatus.CONFIRMED.value,
        "booking_type": BookingType.COURSE_STEP.value,
        "created_at": taken.created_at.isoformat(),
        "course_step_id": taken.step.course_step_id,
        "student_package_id": taken.step.student_package_id,
        "metadata": taken.metadata,
        "payment_status": PaymentStatus.PAID.value,
        "change_until": taken.change_until.isoformat(),
        "cancel_until": taken.cancel_until.isoformat(),
    }


def progress_facts(taken: Taken, booking_id: int) -> dict[str, Any]:
    """The progress row as a job's result keeps it."""
    return {
        "id": taken.step.progress_id,
        "course_step_id": taken.step.course_step_id,
        "status": ProgressStatus.BOOKED.value,
        "booking_id": booking_id,
        "booked_at": taken.created_at.isoformat(),
    }
