"""The use case “cancel a booking”: the seat is given back and the step is free again."""

from models.desk import Desk, Held, Job
from models.facts import booking_facts, progress_facts
from models.judging import judge_cancel_window
from models.refusal import Refusal, RefusalCode
from models.seating import free_seat
from models.telling import tell_cancelled
from models.verdict import Verdict, done, refused


def cancel_booking(desk: Desk, job: Job) -> Verdict:
    """Give back the seat of a step, or that of a booking without a step which staff name.

    Whether the package still runs doesn't matter.
    """
    held = seat_meant(desk, job)
    if isinstance(held, Refusal):
        return refused(job, held)
    refusal = judge_cancel_window(desk, job, held)
    if refusal is not None:
        return refused(job, refusal)
    free_seat(desk, job, held, job.request.get("reason"))
    tell_cancelled(desk, job, held)
    step = None if job.course_step_id is None else progress_facts(desk.step_of(job))
    return done(job, {"success": True, "booking": booking_facts(desk, held), "progress": step})


def seat_meant(desk: Desk, job: Job) -> Held | Refusal:
    """The seat that the job is about: its step's, or that of the booking which staff named.

    A named booking must still be the one that holds the step's seat.
    """
    if job.course_step_id is None:
        held = desk.bookings.get(job.booking_id or 0)
    else:
        held = desk.seat_of(desk.step_of(job))
    if held is None or not held.holds_seat:
        return Refusal(RefusalCode.NOT_BOOKED, f"step {job.course_step_id} has no booking")
    if job.booking_id in {None, held.booking_id}:
        return held
    return Refusal(
        RefusalCode.NOT_BOOKED,
        f"booking {job.booking_id} holds no seat any more",
        message="This booking was cancelled or changed meanwhile. Please look again.",
    )
