"""The use case “change a step”: the new seat is taken and the old one freed, or nothing moves."""

from dataclasses import replace

from models.cancelling_booking import seat_meant
from models.desk import Desk, Held, Job, Seats
from models.facts import seated_facts
from models.judging import judge_change
from models.refusal import Refusal, RefusalCode
from models.seating import free_seat, seat_student
from models.telling import tell_changed
from models.verdict import Verdict, done, refused
from models.wish import Wish, wish_of

CHANGED = "Student changed to different session"
"""The reason that the cancelled booking keeps; the plan's own words."""


def change_step(desk: Desk, job: Job) -> Verdict:
    """Move the student from the seat that the step has to one in another session."""
    if job.course_step_id is None:
        detail = f"booking {job.booking_id} is for no step, so it has no options"
        return refused(job, Refusal(RefusalCode.OPTION_INVALID, detail))
    wish = wish_of(desk, job)
    gone = refusal if isinstance(refusal := seat_meant(desk, job), Refusal) else None
    answer = judge_change(desk, wish if gone is None else replace(wish, leaving=None))
    if isinstance(answer, Refusal):
        # what is wrong with the package or the program is told before that the seat is gone
        told = gone if gone is not None and gone.code == answer.code else answer
        return refused(job, told, wish)
    assert wish.leaving is not None  # else it was refused as not booked
    held = swap_seat(desk, job, wish, answer)
    tell_changed(desk, job, held, wish.leaving)
    return done(job, seated_facts(desk, held, wish.step))


def swap_seat(desk: Desk, job: Job, wish: Wish, session: Seats, *, promoted: bool = False) -> Held:
    """Give up the seat that the wish leaves, if there is one, and take one in the session."""
    if wish.leaving is not None:
        free_seat(desk, job, wish.leaving, CHANGED)
    return seat_student(desk, job, wish.step, session, replaces=wish.leaving, promoted=promoted)
