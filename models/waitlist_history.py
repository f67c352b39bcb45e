"""All that became of a step's waiting: its entries, and the promotions that passed them over."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, select

from models.waitlist import WaitlistEntry, WaitlistSkip
from models.waitlist_positions import positions


def waitlist_history(
    db: Connection, package_id: int, step_id: int, *, before_id: int | None, limit: int
) -> list[dict[str, Any]]:
    """The entries of a package's step, the newest first, from before that id."""
    query = _ENTRIES.where(
        WaitlistEntry.student_package_id == package_id, WaitlistEntry.course_step_id == step_id
    )
    if before_id is not None:
        query = query.where(WaitlistEntry.id < before_id)
    entries = db.execute(query.limit(limit)).all()
    ids = [entry.id for entry in entries]
    places, skips = positions(db, ids), _skips(db, ids)
    return [
        entry._asdict() | {"position": places.get(entry.id), "skips": skips.get(entry.id, [])}
        for entry in entries
    ]


def _skips(db: Connection, entry_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """The skips of each entry, in the order in which they happened."""
    skips: dict[int, list[dict[str, Any]]] = {}
    for row in db.execute(_SKIPS.where(WaitlistSkip.waitlist_entry_id.in_(entry_ids))):
        skips.setdefault(row.waitlist_entry_id, []).append(row._asdict())
    return skips


_ENTRIES = select(
    WaitlistEntry.id,
    WaitlistEntry.course_step_option_id,
    WaitlistEntry.session_id,
    WaitlistEntry.status,
    WaitlistEntry.joined_at,
    WaitlistEntry.ended_at,
    WaitlistEntry.end_reason,
    WaitlistEntry.booking_id,
).order_by(WaitlistEntry.id.desc())
_SKIPS = select(
    WaitlistSkip.waitlist_entry_id,
    WaitlistSkip.at,
    WaitlistSkip.session_id,
    WaitlistSkip.code,
    WaitlistSkip.message,
).order_by(WaitlistSkip.id)
