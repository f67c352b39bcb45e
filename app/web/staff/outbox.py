"""The outbox: every mail's and event's state, and sending a mail once more."""

from uuid import UUID

from flask import Response, request

from app.api.collaborators import request_db
from app.api.schemas.staff.outbox import OutboxQuerySchema, OutboxSchema
from app.api.staff.outbox import page_of_outbox, send_mail_again
from app.web.page import render, see_other
from app.web.reader import current_reader
from app.web.staff.listing import NOTHING, asked, later_page
from models.outbox import OutboxKind, OutboxStatus
from models.people import find_names
from models.resending import FINAL

_QUERY = OutboxQuerySchema()


def show_outbox() -> Response:
    """Show the messages that the filters leave, the newest first."""
    reader = current_reader()
    wanted = asked(_QUERY, reader)
    listed = NOTHING if wanted.faults else page_of_outbox(wanted.query)
    messages = listed["items"]
    people = {message.user_id for message in messages if message.user_id}
    return render(
        "staff/outbox.html",
        wanted.status,
        reader=reader,
        messages=messages,
        names=find_names(request_db(), people),
        sent=request.args,
        statuses=list(OutboxStatus),
        kinds=list(OutboxKind),
        final=FINAL,
        faults=wanted.faults,
        sent_again="again" in request.args,
        later=later_page(listed, OutboxSchema),
    )


def resend(message_id: UUID) -> Response:
    """Send a mail once more, and show it first in the list."""
    send_mail_again(message_id)
    return see_other("/staff/outbox?again=1")
