"""What is sent to an endpoint: the log of its deliveries, tests and replays."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from app.api.blueprint import ApiBlueprint
from app.api.collaborators import request_db, request_transaction
from app.api.pages import page
from app.api.problem import Problem
from app.api.schemas.requests import NoBodySchema
from app.api.schemas.staff.webhooks import (
    DeliveryListSchema,
    DeliveryQuerySchema,
    DeliverySchema,
    ReplaySchema,
    ReplayWebhookRequestSchema,
)
from app.api.staff.acting import current_actor
from app.api.staff.rights import STAFF
from models.webhook_deliveries import list_deliveries, queue_test, replay
from models.webhook_endpoints import find_endpoint

webhook_deliveries = ApiBlueprint(
    "webhook-deliveries",
    url_prefix="/api/admin/webhooks/<id:webhook_id>",
    description="For staff: what is sent to an endpoint.",
)


@webhook_deliveries.get("/deliveries")
@webhook_deliveries.roles(*STAFF)
@webhook_deliveries.arguments(DeliveryQuerySchema, location="query")
@webhook_deliveries.response(200, DeliveryListSchema)
def list_webhook_deliveries(query: dict[str, Any], webhook_id: int) -> dict[str, Any]:
    """List what was or will be sent to an endpoint, the newest first."""
    return page_of_deliveries(query, webhook_id)


def page_of_deliveries(query: dict[str, Any], webhook_id: int) -> dict[str, Any]:
    """A page of the deliveries to an endpoint; raises Problem 404 where there is none."""
    db, limit = request_db(), query["limit"]
    if find_endpoint(db, webhook_id) is None:
        raise Problem("not_found")
    (before_id,) = query.get("cursor", (None,))
    found = list_deliveries(db, webhook_id, before_id=before_id, limit=limit + 1)
    return page(found, limit, lambda delivery: (delivery.id,))


@webhook_deliveries.post("/test")
@webhook_deliveries.roles(*STAFF)
@webhook_deliveries.arguments(NoBodySchema, required=False)
@webhook_deliveries.response(202, DeliverySchema)
def send_webhook_test(_body: dict[str, Any], webhook_id: int) -> Row[Any]:
    """Send an event of type `webhook.test` without data; it leaves within seconds.

    To a disabled endpoint it leaves once that is enabled.
    """
    with request_transaction() as db:
        delivery = queue_test(db, webhook_id, current_actor())
    if delivery is None:
        raise Problem("not_found")
    return delivery


@webhook_deliveries.post("/replay")
@webhook_deliveries.roles(*STAFF)
@webhook_deliveries.arguments(ReplayWebhookRequestSchema)
@webhook_deliveries.response(202, ReplaySchema)
def replay_webhook(body: dict[str, Any], webhook_id: int) -> dict[str, Any]:
    """Send again what the log has behind a position and the endpoint wants, under the same ids.

    A call looks at 10,000 events at most and says where to go on.
    """
    with request_transaction() as db:
        replayed = replay(db, webhook_id, body["after"], current_actor())
    if replayed is None:
        raise Problem("not_found")
    return asdict(replayed)
