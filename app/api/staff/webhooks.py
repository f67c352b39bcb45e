"""Webhooks: where events are sent to."""

from typing import Any

from sqlalchemy import Row

from app.api.blueprint import ApiBlueprint
from app.api.collaborators import request_db, request_transaction
from app.api.pages import page
from app.api.problem import Problem
from app.api.schemas.requests import NoBodySchema
from app.api.schemas.staff.webhooks import (
    CreateWebhookRequestSchema,
    SwitchWebhookRequestSchema,
    WebhookListSchema,
    WebhookQuerySchema,
    WebhookSchema,
    WebhookWithSecretSchema,
)
from app.api.staff.acting import current_actor
from app.api.staff.rights import STAFF
from app.api.staff.webhook_targets import refuse_private_target
from models.webhook_endpoints import (
    create_endpoint,
    delete_endpoint,
    list_endpoints,
    rotate_secret,
    switch_endpoint,
)

webhooks = ApiBlueprint(
    "webhooks", url_prefix="/api/admin/webhooks", description="For staff: where events are sent."
)


@webhooks.post("")
@webhooks.roles(*STAFF)
@webhooks.arguments(CreateWebhookRequestSchema)
@webhooks.response(201, WebhookWithSecretSchema)
def create_webhook(body: dict[str, Any]) -> Row[Any]:
    """Send events to a URL from now on; the secret that signs them is shown this once."""
    refuse_private_target(body["url"])
    with request_transaction() as db:
        return create_endpoint(db, body["url"], body.get("event_types"), current_actor())


@webhooks.get("")
@webhooks.roles(*STAFF)
@webhooks.arguments(WebhookQuerySchema, location="query")
@webhooks.response(200, WebhookListSchema)
def list_webhooks(query: dict[str, Any]) -> dict[str, Any]:
    """List the endpoints that events are sent to, or were before they were disabled."""
    return page_of_webhooks(query)


def page_of_webhooks(query: dict[str, Any]) -> dict[str, Any]:
    """A page of the endpoints that a query asks for."""
    limit = query["limit"]
    (after_id,) = query.get("cursor", (None,))
    found = list_endpoints(request_db(), after_id=after_id, limit=limit + 1)
    return page(found, limit, lambda endpoint: (endpoint.id,))


@webhooks.patch("/<id:webhook_id>")
@webhooks.roles(*STAFF)
@webhooks.arguments(SwitchWebhookRequestSchema)
@webhooks.response(200, WebhookSchema)
def switch_webhook(body: dict[str, Any], webhook_id: int) -> Row[Any]:
    """Disable an endpoint, or enable it again: it goes on with what still waits.

    What happened while it was disabled is had by a replay.
    """
    with request_transaction() as db:
        endpoint = switch_endpoint(db, webhook_id, current_actor(), enabled=body["enabled"])
    return _found(endpoint)


@webhooks.delete("/<id:webhook_id>")
@webhooks.roles(*STAFF)
@webhooks.arguments(NoBodySchema, required=False)
@webhooks.response(204)
def delete_webhook(_body: dict[str, Any], webhook_id: int) -> None:
    """Delete an endpoint: nothing is sent to it any more."""
    with request_transaction() as db:
        if not delete_endpoint(db, webhook_id, current_actor()):
            raise Problem("not_found")


@webhooks.post("/<id:webhook_id>/rotate-secret")
@webhooks.roles(*STAFF)
@webhooks.arguments(NoBodySchema, required=False)
@webhooks.response(200, WebhookWithSecretSchema)
def rotate_webhook_secret(_body: dict[str, Any], webhook_id: int) -> Row[Any]:
    """Give an endpoint a new secret, shown this once; the one before signs for 24 more hours."""
    with request_transaction() as db:
        endpoint = rotate_secret(db, webhook_id, current_actor())
    return _found(endpoint)


def _found(endpoint: Row[Any] | None) -> Row[Any]:
    if endpoint is None:
        raise Problem("not_found")
    return endpoint
