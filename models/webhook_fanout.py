"""Gives each event one delivery for every endpoint that wants it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, any_, func, insert, literal, or_, select

from models.event_log import EventLog
from models.set_writing import as_parameter, given_rows
from models.webhook import DeliveryCause, WebhookDelivery, WebhookEndpoint

COLUMNS = ["webhook_endpoint_id", "cause", "event_id", "event_type", "position"]


DELIVERIES = 10_000
"""How many one statement queues at most: a second's work, of the five that a statement has."""


def count_endpoints(db: Connection) -> int:
    """How many endpoints events are sent to; one look at a small table."""
    return db.scalar(_COUNT_ENDPOINTS) or 0


def most_events(endpoints: int) -> int:
    """How many events may be queued at once for so many endpoints: one at least."""
    return max(1, DELIVERIES // max(1, endpoints))


def fan_out(db: Connection, published: Sequence[Any]) -> None:
    """Queue these events (`position`, `id`, `type`) for all enabled endpoints that want them.

    In the transaction that gives the events their positions, so that no endpoint misses one that
    a reader of the log sees.
    """
    rows = [{"position": row.position, "id": row.id, "type": row.type} for row in published]
    db.execute(_FAN_OUT, {"rows": as_parameter(rows)})


def wants(event_type: Any) -> Any:
    """The condition that an endpoint wants events of this type."""
    return or_(
        WebhookEndpoint.event_types.is_(None), event_type == any_(WebhookEndpoint.event_types)
    )


def _fanning_out() -> Any:
    given = given_rows(EventLog, ("position", "id", "type"))
    fitting = and_(WebhookEndpoint.enabled, wants(given.c.type))
    deliveries = (
        select(
            WebhookEndpoint.id,
            literal(DeliveryCause.EVENT.value),
            given.c.id,
            given.c.type,
            given.c.position,
        )
        .select_from(given)
        .join(WebhookEndpoint, fitting)
        # ids follow the order of the log
        .order_by(given.c.position, WebhookEndpoint.id)
    )
    return insert(WebhookDelivery).from_select(COLUMNS, deliveries)


_COUNT_ENDPOINTS = select(func.count()).where(WebhookEndpoint.enabled)
_FAN_OUT = _fanning_out()
