"""What a student could take instead of what they can't have, or have no more."""

from itertools import islice

from sqlalchemy import Connection

from models.desk import Desk
from models.offers import can_take, mark_defaults, offers_of_steps
from models.verdict import Verdict

ALTERNATIVES = 10
"""How many other sessions are offered at most."""
LOOKED_AT = 5 * ALTERNATIVES
"""How many of an option's free sessions are tried, as some won't fit the student."""


def offer_alternatives(db: Connection, desk: Desk, verdicts: list[Verdict]) -> None:
    """Add to each refusal, and to each seat lost, the sessions that the student could still book.

    One query for the whole batch, after its seats were written.
    """
    wanting = [(o, o.wish) for verdict in verdicts for o in verdict.offering if o.wish is not None]
    if not wanting:
        return
    steps = {wish.step.course_step_id for _, wish in wanting}
    offers = offers_of_steps(db, steps, desk.now, desk.policy, per_option=LOOKED_AT, only_free=True)
    for offering, wish in wanting:
        of_step = offers.get(wish.step.course_step_id, [])
        fitting = (offer for offer in of_step if can_take(offer, desk, wish))
        marked = mark_defaults(islice(fitting, ALTERNATIVES), desk, wish)
        offering.alternatives.extend(offer.facts() for offer in marked)
