"""The sessions that one step of a package can be booked into, or changed to."""

from datetime import datetime

from sqlalchemy import Connection

from models.desk import Desk
from models.desk_reading import read_held, read_steps
from models.offers import Offer, mark_defaults, offers_of_steps
from models.policy import Policy
from models.wish import Wish

LOOKED_AT = 50
"""How many of an option's earlier free sessions are tried when its default is looked for."""


def sessions_of_step(
    db: Connection,
    package_id: int,
    step_id: int,
    now: datetime,
    policy: Policy,
    *,
    starts_from: datetime | None,
    starts_before: datetime | None,
    limit: int,
) -> list[Offer]:
    """The coming sessions of a step's options that start in `[starts_from, starts_before)`.

    The earliest first, at most `limit`, full ones with 0 spots. The package has the step; the
    seat that it has is no default, and in nobody's way, as changing frees it.
    """
    listed = offers_of_steps(
        db,
        [step_id],
        now,
        policy,
        per_option=limit,
        starts_from=starts_from,
        starts_before=starts_before,
    ).get(step_id, [])[:limit]
    earlier: list[Offer] = []
    if starts_from is not None:
        # what comes before the list begins may be what booking without a session takes
        earlier = offers_of_steps(
            db,
            [step_id],
            now,
            policy,
            per_option=LOOKED_AT,
            only_free=True,
            starts_before=starts_from,
        ).get(step_id, [])
    return _marked(listed, earlier, _desk(db, package_id, step_id, now, policy))


def _desk(db: Connection, package_id: int, step_id: int, now: datetime, policy: Policy) -> Desk:
    desk = Desk(now=now, policy=policy)
    read_steps(db, desk, [(package_id, step_id)])
    (step,) = desk.steps.values()
    read_held(db, desk, [step.user_id], [package_id])
    return desk


def _marked(listed: list[Offer], earlier: list[Offer], desk: Desk) -> list[Offer]:
    """The listed offers with each option's default; earlier ones only take the mark away."""
    (step,) = desk.steps.values()
    leaving = desk.seat_of(step)
    wish = Wish(step=step, option_id=0, session_id=None, asked_at=desk.now, leaving=leaving)
    marked = {_key(offer): offer for offer in mark_defaults([*earlier, *listed], desk, wish)}
    return [marked[_key(offer)] for offer in listed]


def _key(offer: Offer) -> tuple[int, int]:
    return offer.course_step_option_id, offer.session_id
