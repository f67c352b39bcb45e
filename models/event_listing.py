"""Reading the event log in its order: whoever saw one position has seen all before it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from models.event_log import EventLog


@dataclass(frozen=True, slots=True)
class Event:
    """An event as readers get it; `cursor` is its position, None for one that isn't in the log."""

    id: UUID
    cursor: int | None
    type: str
    timestamp: datetime
    data: dict[str, Any]


def list_events(
    db: Connection, *, after: int, limit: int, only_type: str | None = None
) -> list[Event]:
    """The events behind this position, the oldest first; of one type where it is given."""
    query = _EVENTS.where(EventLog.position > after).order_by(EventLog.position).limit(limit)
    if only_type is not None:
        query = query.where(EventLog.type == only_type)
    return [Event(*row) for row in db.execute(query)]


def find_event(db: Connection, position: int) -> Event | None:
    """The event at this position, or None where it isn't kept any more."""
    row = db.execute(_AT_POSITION, {"at": position}).one_or_none()
    return Event(*row) if row else None


def last_position(db: Connection) -> int:
    """The position of the newest event; 0 while there is none."""
    return db.scalar(select(func.coalesce(func.max(EventLog.position), 0))) or 0


_EVENTS = select(EventLog.id, EventLog.position, EventLog.type, EventLog.timestamp, EventLog.data)
_AT_POSITION = _EVENTS.where(EventLog.position == bindparam("at"))
