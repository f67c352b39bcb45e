"""The outbox as staff read it."""

from marshmallow import fields, validate

from app.api.fields import Id, Instant
from app.api.schemas.base import AnswerSchema
from app.api.schemas.paging import PageQuerySchema
from models.outbox import OutboxKind, OutboxStatus


class OutboxQuerySchema(PageQuerySchema):
    """Which messages to list: those in a status, of a kind, from a message on."""

    status = fields.String(validate=validate.OneOf(list(OutboxStatus)))
    kind = fields.String(validate=validate.OneOf(list(OutboxKind)))
    cursor = fields.UUID()


class OutboxMessageSchema(AnswerSchema):
    """A mail or event: whom and what it is about, and how its sending goes.

    `SUPERSEDED` was never sent because it isn't so any more; `DEAD` couldn't be. Both say why.
    """

    id = fields.UUID()
    kind = fields.String(validate=validate.OneOf(list(OutboxKind)))
    topic = fields.String(metadata={"description": "What the mail or event tells."})
    status = fields.String(validate=validate.OneOf(list(OutboxStatus)))
    user_id = Id(allow_none=True)
    package_id = Id(allow_none=True)
    step_id = Id(allow_none=True)
    job_id = fields.UUID(allow_none=True, metadata={"description": "The job that told it."})
    attempts = fields.Integer()
    next_attempt_at = Instant(
        allow_none=True, metadata={"description": "Not before then; null unless it waits."}
    )
    created_at = Instant()
    finished_at = Instant(allow_none=True)
    last_error = fields.String(
        allow_none=True, metadata={"description": "Why it was not sent, at the last attempt."}
    )
    resend_of = fields.UUID(
        allow_none=True, metadata={"description": "The message that it sends again."}
    )


class OutboxSchema(AnswerSchema):
    """A page of messages; `next` is the cursor of the page after it, null at the end."""

    items = fields.List(fields.Nested(OutboxMessageSchema))
    next = fields.String(allow_none=True)
