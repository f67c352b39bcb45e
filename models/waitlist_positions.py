"""How many are ahead in the line for the same seat."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, ScalarSelect, func, or_, select
from sqlalchemy.orm import aliased

from models.waitlist import WaitlistEntry, WaitlistStatus


def positions(db: Connection, entry_ids: Collection[int]) -> dict[int, int]:
    """The place in line of each of these entries that is waiting, 1 for whoever is next."""
    query = select(WaitlistEntry.id, position().label("place")).where(
        WaitlistEntry.id.in_(entry_ids), WaitlistEntry.status == WaitlistStatus.WAITING
    )
    return {row.id: row.place for row in db.execute(query)}


def position() -> ScalarSelect[Any]:
    """The place in line of a waiting `WaitlistEntry`, as a column of a query about it.

    Ahead are those of its class who joined before and compete for the same seat: of a session,
    those who wait for it or for any; of any session, everybody.
    """
    ahead = aliased(WaitlistEntry)
    return (
        select(func.count() + 1)
        .where(
            ahead.group_class_id == WaitlistEntry.group_class_id,
            ahead.status == WaitlistStatus.WAITING,
            ahead.id < WaitlistEntry.id,
            or_(
                WaitlistEntry.session_id.is_(None),
                ahead.session_id.is_(None),
                ahead.session_id == WaitlistEntry.session_id,
            ),
        )
        .correlate(WaitlistEntry)
        .scalar_subquery()
    )
