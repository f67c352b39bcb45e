"""Finds the endpoints that somebody has to send something to."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, literal_column, select

from models.webhook import WebhookDelivery, WebhookEndpoint
from models.webhook_claims import NOW, PENDING, PLACES, PLACES_WHILE_FAILING, SENDING


@dataclass(frozen=True, slots=True)
class Due:
    """An endpoint, and how many senders find something to do and a place for it."""

    endpoint_id: int
    senders: int


def due_endpoints(db: Connection) -> list[Due]:
    """All endpoints with something due and a free place; costs the same however much waits."""
    found = []
    for row in db.execute(_WAITING):
        places = PLACES if row.failing_since is None else PLACES_WHILE_FAILING
        senders = min(places - row.under_way, row.pending + row.left)
        if senders > 0:
            found.append(Due(row.id, senders))
    return found


def _counted(order: Any, *conditions: Any) -> Any:
    """How many deliveries of the endpoint these conditions hold for, counted up to its places.

    In the order of the index that serves them: without one the planner may read all deliveries.
    """
    some = (
        select(literal_column("1").label("one"))
        .select_from(WebhookDelivery)
        .where(WebhookDelivery.webhook_endpoint_id == WebhookEndpoint.id, *conditions)
        .correlate(WebhookEndpoint)
        .order_by(order)
        .limit(PLACES)
        .subquery()
    )
    return select(func.count()).select_from(some).scalar_subquery()


DUE, LEASE = WebhookDelivery.next_attempt_at, WebhookDelivery.lease_until
_WAITING = (
    select(
        WebhookEndpoint.id,
        WebhookEndpoint.failing_since,
        _counted(LEASE, WebhookDelivery.status == SENDING, LEASE > NOW).label("under_way"),
        _counted(DUE, WebhookDelivery.status == PENDING, DUE <= NOW).label("pending"),
        # of senders that died
        _counted(LEASE, WebhookDelivery.status == SENDING, LEASE <= NOW).label("left"),
    )
    .where(WebhookEndpoint.enabled)
    .order_by(WebhookEndpoint.id)
)
