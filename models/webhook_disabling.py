"""Ends the sending to an endpoint, and tells staff where they didn't do it themselves."""

from sqlalchemy import Connection, and_, func, select, update

from models.letter_topics import LetterTopic
from models.outbox import OutboxMessage
from models.outbox_rows import About, mail_row
from models.people import IS_THERE, Role, UserAccount
from models.set_writing import insert_rows
from models.webhook import DisabledReason, WebhookEndpoint


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
    is_staff = and_(UserAccount.role.in_([Role.STAFF, Role.ADMIN]), IS_THERE)
    staff = select(UserAccount.id, func.now()).where(is_staff)
    payload = {"webhook_endpoint_id": endpoint_id}
    rows = [
        mail_row(LetterTopic.WEBHOOK_DISABLED, About(user_id=user_id), payload, now)
        for user_id, now in db.execute(staff.order_by(UserAccount.id))
    ]
    insert_rows(db, OutboxMessage, rows)
