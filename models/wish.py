"""A wish: a seat for one step, as the rules judge it, whoever asks and by whatever job."""

from dataclasses import dataclass
from datetime import datetime

from models.desk import Desk, Held, Job, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A student's step, the option and perhaps the session that it is to be taken in.

    Windows, opening and expiry are judged at `asked_at`. `leaving` is the seat that is given up
    when the wish comes true; `waived` when staff waive windows and order.
    """

    step: Step
    option_id: int
    session_id: int | None
    asked_at: datetime
    leaving: Held | None = None
    waived: bool = False

    def keeps(self, held: Held) -> bool:
        """Whether the student would hold this seat still."""
        return self.leaving is None or held.booking_id != self.leaving.booking_id


def wish_of(desk: Desk, job: Job) -> Wish:
    """What a job about one step asks for; the seat that the step has now would be given up."""
    step = desk.step_of(job)
    return Wish(
        step=step,
        option_id=job.option_id,
        session_id=job.session_id,
        asked_at=job.submitted_at,
        leaving=desk.seat_of(step),
        waived=job.override is not None,
    )


def wish_for_another(desk: Desk, held: Held, asked_at: datetime) -> Wish | None:
    """What somebody may want who lost this seat of a step; None for a seat without a step."""
    step = desk.steps.get((held.student_package_id or 0, held.course_step_id or 0))
    if step is None:
        return None
    return Wish(step=step, option_id=0, session_id=None, asked_at=asked_at)
