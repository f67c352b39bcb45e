"""What staff do to the endpoints that events are sent to; each deed is audited."""

import secrets
from base64 import b64encode
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, insert, null, select, update

from models.auditing import Actor, note_deed
from models.event_publishing import let_publishers_finish
from models.webhook import DisabledReason, WebhookEndpoint
from models.webhook_claims import lock_endpoint
from models.webhook_disabling import disable_endpoint

SECRET_BYTES = 32
BOTH_SECRETS_FOR = timedelta(hours=24)
"""How long the secret before a rotation goes on signing beside the new one."""

_note = partial(note_deed, subject="webhook_endpoint")


def create_endpoint(
    db: Connection, url: str, event_types: list[str] | None, actor: Actor
) -> Row[Any]:
    """Send events to this URL from now on, of these types or of all; returns it with its secret."""
    let_publishers_finish(db)
    endpoint = db.execute(
        insert(WebhookEndpoint)
        .values(
            url=url,
            event_types=event_types,
            secret=_new_secret(),
            created_at=actor.now,
            created_by=actor.user_id,
        )
        .returning(*_SHOWN, WebhookEndpoint.secret)
    ).one()
    # the rest of a URL is often a secret of its own
    detail = {"host": urlsplit(url).netloc, "event_types": event_types}
    _note(db, actor, "create_webhook", subject_id=endpoint.id, detail=detail)
    return endpoint


def list_endpoints(db: Connection, *, after_id: int | None, limit: int) -> list[Row[Any]]:
    """The endpoints that weren't deleted, by id."""
    query = _ENDPOINTS.order_by(WebhookEndpoint.id).limit(limit)
    if after_id is not None:
        query = query.where(WebhookEndpoint.id > after_id)
    return list(db.execute(query))


def find_endpoint(db: Connection, endpoint_id: int) -> Row[Any] | None:
    """The endpoint with this id, or None where it was deleted or never was."""
    return db.execute(_ENDPOINTS.where(WebhookEndpoint.id == endpoint_id)).one_or_none()


def switch_endpoint(
    db: Connection, endpoint_id: int, actor: Actor, *, enabled: bool
) -> Row[Any] | None:
    """Go on sending to an endpoint, or don't; None where there is none.

    It goes on with what waits; what happened while it was disabled was never queued for it.
    """
    if enabled:
        let_publishers_finish(db)
    endpoint = lock_endpoint(db, endpoint_id)
    if endpoint is not None and endpoint.enabled != enabled:
        if enabled:
            db.execute(update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).values(_ON))
        else:
            disable_endpoint(db, endpoint_id, DisabledReason.STAFF)
        action = "enable_webhook" if enabled else "disable_webhook"
        _note(db, actor, action, subject_id=endpoint_id)
    return find_endpoint(db, endpoint_id)


def delete_endpoint(db: Connection, endpoint_id: int, actor: Actor) -> bool:
    """Send nothing to an endpoint and show it no more; False where there is none."""
    if lock_endpoint(db, endpoint_id) is None:
        return False
    disable_endpoint(db, endpoint_id, DisabledReason.STAFF)
    db.execute(
        update(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint_id)
        .values(deleted_at=actor.now)
    )
    _note(db, actor, "delete_webhook", subject_id=endpoint_id)
    return True


def rotate_secret(db: Connection, endpoint_id: int, actor: Actor) -> Row[Any] | None:
    """Give an endpoint a new secret, which it is returned with; None where there is none.

    The one before goes on signing for 24 hours, those before that no more.
    """
    endpoint = lock_endpoint(db, endpoint_id)
    if endpoint is None:
        return None
    _note(db, actor, "rotate_webhook_secret", subject_id=endpoint_id)
    return db.execute(
        update(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint_id)
        .values(
            secret=_new_secret(),
            previous_secret=endpoint.secret,
            previous_secret_until=actor.now + BOTH_SECRETS_FOR,
        )
        .returning(*_SHOWN, WebhookEndpoint.secret)
    ).one()


def _new_secret() -> str:
    """Make a secret in the form of Standard Webhooks."""
    return "whsec_" + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


_ON = {
    "enabled": True,
    "disabled_at": null(),
    "disabled_reason": null(),
    "failing_since": null(),
    "last_failed_at": null(),
}
_SHOWN: tuple[Any, ...] = (
    WebhookEndpoint.id,
    WebhookEndpoint.url,
    WebhookEndpoint.event_types,
    WebhookEndpoint.enabled,
    WebhookEndpoint.disabled_at,
    WebhookEndpoint.disabled_reason,
    WebhookEndpoint.failing_since,
    WebhookEndpoint.previous_secret_until,
    WebhookEndpoint.created_at,
    WebhookEndpoint.created_by,
)
_ENDPOINTS = select(*_SHOWN).where(WebhookEndpoint.deleted_at.is_(None))
