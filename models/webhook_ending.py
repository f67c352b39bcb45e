"""Ends what was still to be sent to endpoints that were deleted, visibly."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, any_, bindparam, func, select, true, update

from models.webhook import DeliveryStatus, WebhookDelivery, WebhookEndpoint
from models.webhook_claims import NOW, PENDING, SENDING

DELETED = "the webhook was deleted"


def end_deleted(db: Connection, limit: int) -> int:
    """End so many deliveries to deleted endpoints at most; returns how many.

    What a sender has is left to it for as long as its lease lasts. Costs the same however many
    deliveries there are.
    """
    ended = db.execute(_END_PENDING, {"limit": limit}).rowcount
    return ended + db.execute(_END_LEFT, {"limit": limit - ended}).rowcount


def _ending(order: Any, *conditions: ColumnElement[bool]) -> Any:
    """How to end deliveries for which these hold, by the index that has them in this order."""
    of_endpoint = (
        select(WebhookDelivery.id)
        .where(WebhookDelivery.webhook_endpoint_id == WebhookEndpoint.id, *conditions)
        .correlate(WebhookEndpoint)
        .order_by(order)
        .limit(bindparam("limit"))
        # whoever ends some at the same time is left alone
        .with_for_update(skip_locked=True)
        .lateral()
    )
    chosen = (
        select(of_endpoint.c.id)
        .select_from(WebhookEndpoint)
        .join(of_endpoint, true())
        .where(WebhookEndpoint.deleted_at.is_not(None))
        .limit(bindparam("limit"))
        .cte("chosen")
    )
    return (
        update(WebhookDelivery)
        .where(WebhookDelivery.id == any_(func.array(select(chosen.c.id).scalar_subquery())))
        .values(
            status=DeliveryStatus.DEAD,
            lease_token=None,
            lease_until=None,
            finished_at=func.clock_timestamp(),
            last_error=DELETED,
        )
    )


_LEASE = WebhookDelivery.lease_until
_END_PENDING = _ending(WebhookDelivery.next_attempt_at, WebhookDelivery.status == PENDING)
_END_LEFT = _ending(_LEASE, WebhookDelivery.status == SENDING, _LEASE <= NOW)
