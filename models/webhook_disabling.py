"""Ends the sending to an endpoint, and tells staff where they didn't do it themselves."""

from sqlalchemy import Connection, func, select, update

from models.new_id import new_id
from models.outbox import OutboxKind, OutboxMessage
from models.people import Role, UserAccount
from models.set_writing import insert_rows
from models.webhook import DisabledReason, WebhookEndpoint

TOPIC = "webhook_disabled"


def disable_endpoint(db: Connection, endpoint_id: int, reason: DisabledReason) -> None:
    """Send nothing to the endpoint any more; what waits goes on waiting.

    The caller holds the endpoint's lock.
    """
    db.execute(
        update(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.enabled)
        .values(enabled=False, disabled_at=func.clock_timestamp(), disabled_reason=reason)
    )


def tell_staff(db: Connection, endpoint_id: int) -> None:
    """Owe everybody of the staff a mail that says so."""
    staff = select(UserAccount.id).where(UserAccount.role.in_([Role.STAFF, Role.ADMIN]))
    rows = [
        {
            "id": new_id(),
            "kind": OutboxKind.MAIL,
            "topic": TOPIC,
            "user_id": user_id,
            "payload": {"webhook_endpoint_id": endpoint_id},
        }
        for user_id in db.scalars(staff.order_by(UserAccount.id))
    ]
    insert_rows(db, OutboxMessage, rows)
