"""The sessions that one step of a package can be booked into, or changed to."""

from datetime import datetime

from sqlalchemy import Connection

from models.desk import Desk, Held, Step
from models.desk_reading import read_held, read_steps
from models.offers import Offer, mark_defaults, offers_of_steps

LOOKED_AT = 50
"""How many of an option's earlier free sessions are tried when its default is looked for."""


def sessions_of_step(
    db: Connection,
    package_id: int,
    step_id: int,
    now: datetime,
    *,
    starts_from: datetime | None,
    starts_before: datetime | None,
    limit: int,
) -> list[Offer]:
    """The coming sessions of a step's options that start in `[starts_from, starts_before)`.

    The earliest first, at most `limit`, full ones with 0 spots. The package has the step.
    """
    listed = offers_of_steps(
        db,
        [step_id],
        now,
        per_option=limit,
        starts_from=starts_from,
        starts_before=starts_before,
    ).get(step_id, [])[:limit]
    earlier = [] if starts_from is None else _earlier_free(db, step_id, now, starts_from)
    desk = _desk(db, package_id, step_id, now)
    return _marked(listed, earlier, desk, desk.steps[package_id, step_id])


def _earlier_free(
    db: Connection, step_id: int, now: datetime, starts_before: datetime
) -> list[Offer]:
    """What comes before the list begins, and so may be what booking without a session takes."""
    return offers_of_steps(
        db, [step_id], now, per_option=LOOKED_AT, only_free=True, starts_before=starts_before
    ).get(step_id, [])


def _desk(db: Connection, package_id: int, step_id: int, now: datetime) -> Desk:
    desk = Desk(now=now)
    read_steps(db, desk, [(package_id, step_id)])
    user_id = desk.steps[package_id, step_id].user_id
    read_held(db, desk, [user_id], [package_id])
    return desk


def _marked(listed: list[Offer], earlier: list[Offer], desk: Desk, step: Step) -> list[Offer]:
    """The listed offers with each option's default; earlier ones only take the mark away.

    Of a booked step the seat it has is in nobody's way, as changing frees it, and no default.
    """
    held = desk.held_by(step.user_id)
    own = {seat.session_id for seat in held if _is_of(seat, step)}
    desk.held[step.user_id] = [seat for seat in held if not _is_of(seat, step)]
    choice = [offer for offer in (*earlier, *listed) if offer.session_id not in own]
    marked = {_key(offer): offer for offer in mark_defaults(choice, desk, step)}
    return [marked.get(_key(offer), offer) for offer in listed]


def _is_of(seat: Held, step: Step) -> bool:
    same_package = seat.student_package_id == step.student_package_id
    return same_package and seat.step_order == step.step_order


def _key(offer: Offer) -> tuple[int, int]:
    return offer.course_step_option_id, offer.session_id
