"""The use case “book one step”."""

from models.desk import Desk, Job
from models.facts import seated_facts
from models.judging import judge_booking
from models.refusal import Refusal
from models.seating import seat_student
from models.telling import tell_booked
from models.verdict import Verdict, done, refused
from models.wish import wish_of


def book_step(desk: Desk, job: Job) -> Verdict:
    """Seat the student in a session of the option, or say why not."""
    wish = wish_of(desk, job)
    answer = judge_booking(desk, wish)
    if isinstance(answer, Refusal):
        return refused(job, answer, wish)
    held = seat_student(desk, job, wish.step, answer)
    tell_booked(desk, job, held)
    return done(job, seated_facts(desk, held, wish.step))
