"""One webhook: what was sent to it, and what staff do about it."""

from typing import Any

from flask import Response, request
from marshmallow import ValidationError

from app.api.collaborators import request_db, request_transaction
from app.api.problem import Problem
from app.api.schemas.staff.webhooks import (
    DeliveryListSchema,
    DeliveryQuerySchema,
    ReplayWebhookRequestSchema,
)
from app.api.staff.acting import current_actor
from app.api.staff.webhook_deliveries import page_of_deliveries
from app.web.page import render, see_other
from app.web.reader import current_reader
from app.web.staff.faults import Faults, faults_of
from app.web.staff.listing import asked, later_page
from app.web.staff.webhooks import secret_page
from app.web.submitting import number
from models.webhook_deliveries import queue_test
from models.webhook_deliveries import replay as replay_events
from models.webhook_endpoints import (
    delete_endpoint,
    find_endpoint,
    rotate_secret,
    switch_endpoint,
)

_QUERY = DeliveryQuerySchema()
_REPLAY = ReplayWebhookRequestSchema()


def show_webhook(webhook_id: int) -> Response:
    """Show an endpoint with the log of its deliveries, the newest first."""
    return _show(webhook_id, {})


def switch(webhook_id: int) -> Response:
    """Disable the endpoint, or enable it again."""
    with request_transaction() as db:
        enabled = request.form.get("enabled") == "true"
        found = switch_endpoint(db, webhook_id, current_actor(), enabled=enabled)
    _there(found)
    return _back(webhook_id, "switched")


def rotate(webhook_id: int) -> Response:
    """Give the endpoint a new secret, and show it this once."""
    with request_transaction() as db:
        endpoint = rotate_secret(db, webhook_id, current_actor())
    return secret_page(_there(endpoint))


def send_test(webhook_id: int) -> Response:
    """Send an event of type `webhook.test`."""
    with request_transaction() as db:
        delivery = queue_test(db, webhook_id, current_actor())
    _there(delivery)
    return _back(webhook_id, "tested")


def replay(webhook_id: int) -> Response:
    """Send again what the log has behind a position."""
    try:
        body = _REPLAY.load({"after": number(request.form.get("after", ""))})
    except ValidationError as error:
        return _show(webhook_id, faults_of(error, current_reader()))
    with request_transaction() as db:
        replayed = _there(replay_events(db, webhook_id, body["after"], current_actor()))
    more = "" if replayed.next is None else f"&next={replayed.next}"
    return see_other(f"/staff/webhooks/{webhook_id}?done=replayed&queued={replayed.queued}{more}")


def ask_to_delete(webhook_id: int) -> Response:
    """Ask whether nothing is to be sent to the endpoint any more."""
    endpoint = _there(find_endpoint(request_db(), webhook_id))
    return render("staff/webhook_delete.html", endpoint=endpoint)


def delete(webhook_id: int) -> Response:
    """Delete the endpoint."""
    with request_transaction() as db:
        _there(delete_endpoint(db, webhook_id, current_actor()) or None)
    return see_other("/staff/webhooks?deleted=1")


def _show(webhook_id: int, faults: Faults) -> Response:
    reader = current_reader()
    wanted = asked(_QUERY, reader)
    listed = page_of_deliveries(wanted.query or _QUERY.load({}), webhook_id)
    return render(
        "staff/webhook.html",
        422 if faults or wanted.faults else 200,
        reader=reader,
        endpoint=_there(find_endpoint(request_db(), webhook_id)),
        deliveries=listed["items"],
        later=later_page(listed, DeliveryListSchema),
        faults=faults or wanted.faults,
        sent=request.form,
        done=request.args.get("done"),
        queued=_count("queued"),
        next=_count("next"),
    )


def _count(name: str) -> int | None:
    """A number of the address; None for anything else."""
    found = number(request.args.get(name, ""))
    return found if isinstance(found, int) else None


def _there(found: Any) -> Any:
    if found is None:
        raise Problem("not_found")
    return found


def _back(webhook_id: int, done: str) -> Response:
    return see_other(f"/staff/webhooks/{webhook_id}?done={done}")
