"""What a refused student could take instead."""

from itertools import islice

from sqlalchemy import Connection

from models.desk import Desk, Job
from models.offers import can_take, mark_defaults, offers_of_steps
from models.refusal import NO_ALTERNATIVES, Refusal

ALTERNATIVES = 10
"""How many other sessions a refusal offers at most."""
LOOKED_AT = 5 * ALTERNATIVES
"""How many of an option's free sessions are tried, as some won't fit the student."""


def offer_alternatives(db: Connection, desk: Desk, refused: list[tuple[Job, Refusal]]) -> None:
    """Add to each refusal the sessions of its step that the student could still book.

    One query for the whole batch, after its seats were written.
    """
    helped = [pair for pair in refused if pair[1].code not in NO_ALTERNATIVES]
    if not helped:
        return
    steps = {job.course_step_id for job, _ in helped}
    offers = offers_of_steps(db, steps, desk.now, per_option=LOOKED_AT, only_free=True)
    for job, refusal in helped:
        step = desk.steps[job.student_package_id, job.course_step_id]
        fitting = (
            offer for offer in offers.get(job.course_step_id, []) if can_take(offer, desk, step)
        )
        marked = mark_defaults(islice(fitting, ALTERNATIVES), desk, step)
        refusal.alternatives = [offer.facts() for offer in marked]
