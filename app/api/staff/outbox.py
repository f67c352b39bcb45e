"""The outbox: every mail's and event's state, and sending a mail once more."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row

from app.api.blueprint import ApiBlueprint
from app.api.collaborators import current_runtime, request_db, request_transaction
from app.api.pages import page
from app.api.problem import Problem
from app.api.schemas.requests import NoBodySchema
from app.api.schemas.staff.outbox import OutboxMessageSchema, OutboxQuerySchema, OutboxSchema
from app.api.staff.acting import current_actor
from app.api.staff.rights import STAFF
from models.outbox_listing import find_message, list_messages
from models.resending import NotAgain, send_again

outbox = ApiBlueprint(
    "outbox", url_prefix="/api/admin/outbox", description="For staff: mails and events."
)


@outbox.get("")
@outbox.roles(*STAFF)
@outbox.arguments(OutboxQuerySchema, location="query")
@outbox.response(200, OutboxSchema)
def list_outbox(query: dict[str, Any]) -> dict[str, Any]:
    """List mails and events, the newest first; what they say to whom isn't shown."""
    return page_of_outbox(query)


def page_of_outbox(query: dict[str, Any]) -> dict[str, Any]:
    """A page of the messages that a query asks for; raises Problem 422 for a wrong cursor."""
    limit = query["limit"]
    found = list_messages(
        request_db(),
        status=query.get("status"),
        kind=query.get("kind"),
        before=_place(query.get("cursor")),
        limit=limit + 1,
    )
    return page(found, limit, lambda message: str(message.id))


def _place(cursor: UUID | None) -> Row[Any] | None:
    """The last message of the page before; raises Problem 422 where there is no such."""
    if cursor is None:
        return None
    last = find_message(request_db(), cursor)
    if last is None:
        raise Problem("invalid_fields", errors={"cursor": ["Is not a place in this list."]})
    return last


@outbox.post("/<job_id:message_id>/resend")
@outbox.roles(*STAFF)
@outbox.arguments(NoBodySchema, required=False)
@outbox.response(202, OutboxMessageSchema)
@outbox.alt_response(409, "CONFLICT")
def resend_mail(_body: dict[str, Any], message_id: UUID) -> Row[Any]:
    """Send a mail once more, whatever became of it, written from today's data.

    Not while it is still on its way, and once a minute at most.
    """
    return send_mail_again(message_id)


def send_mail_again(message_id: UUID) -> Row[Any]:
    """Queue a mail once more and wake a courier; raises Problem 404 or 409."""
    with request_transaction() as db:
        made = send_again(db, message_id, current_actor())
    if made is None:
        raise Problem("not_found")
    if isinstance(made, NotAgain):
        raise Problem(made)
    current_runtime().wakeups.wake_courier()
    return made
