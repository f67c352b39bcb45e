"""The sessions that staff can put a step of somebody's package into."""

from dataclasses import dataclass
from datetime import datetime

from flask import request
from marshmallow import ValidationError

from app.api.collaborators import current_settings, request_db
from app.api.fields import Instant
from app.clock import utc_now
from app.web.staff.listing import address
from models.instants import print_instant
from models.offers import Offer
from models.step_sessions import sessions_of_step

LISTED = 40


@dataclass(frozen=True)
class Offers:
    """Sessions, the earliest first, and the address of those after them."""

    listed: list[Offer]
    later: str | None


def offers_of(package_id: int, step_id: int) -> Offers:
    """The coming sessions of the step from the address's `from` on, full ones as well.

    A hindrance doesn't keep one out: an exception may waive it, and the worker judges anyway.
    """
    listed = sessions_of_step(
        request_db(),
        package_id,
        step_id,
        utc_now(),
        current_settings().policy,
        starts_from=_starts_from(),
        starts_before=None,
        limit=LISTED,
    )
    has_more = len(listed) == LISTED
    later = address(**{"from": print_instant(listed[-1].start_at)}) if has_more else None
    return Offers(listed, later)


def _starts_from() -> datetime | None:
    """Where the list begins; what is no instant says nothing."""
    try:
        return Instant().deserialize(request.args.get("from", ""))
    except ValidationError:
        return None
