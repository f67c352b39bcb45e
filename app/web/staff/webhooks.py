"""Webhooks: where events are sent to, and a new one."""

from typing import Any

from flask import Response, request
from marshmallow import ValidationError

from app.api.collaborators import request_transaction
from app.api.problem import Problem
from app.api.schemas.staff.webhooks import (
    CreateWebhookRequestSchema,
    WebhookListSchema,
    WebhookQuerySchema,
)
from app.api.staff.acting import current_actor
from app.api.staff.webhook_targets import refuse_private_target
from app.api.staff.webhooks import page_of_webhooks
from app.web.page import render
from app.web.reader import current_reader
from app.web.staff.faults import Faults, faults_of, told
from app.web.staff.listing import asked, later_page
from models.event_types import EventType
from models.webhook_endpoints import create_endpoint

_QUERY = WebhookQuerySchema()
_CREATE = CreateWebhookRequestSchema()


def show_webhooks() -> Response:
    """Show the endpoints, and the form for a new one."""
    return _show({})


def create() -> Response:
    """Send events to a URL from now on; its secret is shown this once."""
    try:
        body = _CREATE.load(_sent())
        refuse_private_target(body["url"])
    except ValidationError as error:
        return _show(faults_of(error, current_reader()))
    except Problem as problem:
        if "errors" not in problem.members:
            raise
        return _show(told(problem.members["errors"], current_reader()))
    with request_transaction() as db:
        endpoint = create_endpoint(db, body["url"], body.get("event_types"), current_actor())
    return secret_page(endpoint)


def secret_page(endpoint: Any) -> Response:
    """The page that shows an endpoint's new secret; no cache keeps it."""
    response = render("staff/webhook_secret.html", endpoint=endpoint)
    response.headers["Cache-Control"] = "no-store"
    return response


def _sent() -> dict[str, Any]:
    types = request.form.getlist("eventTypes")
    return {"url": request.form.get("url", "").strip()} | ({"eventTypes": types} if types else {})


def _show(faults: Faults) -> Response:
    reader = current_reader()
    wanted = asked(_QUERY, reader)
    listed = page_of_webhooks(wanted.query or _QUERY.load({}))
    return render(
        "staff/webhooks.html",
        422 if faults or wanted.faults else 200,
        reader=reader,
        endpoints=listed["items"],
        types=list(EventType),
        faults=faults or wanted.faults,
        sent=request.form,
        chosen=request.form.getlist("eventTypes"),
        is_deleted="deleted" in request.args,
        later=later_page(listed, WebhookListSchema),
    )
