"""The audit log as staff read it."""

from datetime import datetime

from marshmallow import fields

from app.api.cursors import Cursor
from app.api.fields import MAX_ID, Id, Instant, QueryInteger
from app.api.schemas.base import AnswerSchema
from app.api.schemas.paging import PageQuerySchema


class AuditCursor(Cursor):
    """A place among entries by time and id."""

    of = "audit"
    parts = (datetime, int)


class AuditQuerySchema(PageQuerySchema):
    """Which entries to list: those of an actor, and from `[from, to)`."""

    actor_id = QueryInteger(1, MAX_ID)
    from_ = Instant()
    to = Instant()
    cursor = AuditCursor()


class AuditEntrySchema(AnswerSchema):
    """Who did what to which row, when, from where and why; the product itself has no actor."""

    id = Id()
    at = Instant()
    actor_id = Id(allow_none=True)
    action = fields.String()
    subject = fields.String(metadata={"description": "The kind of row."})
    subject_id = Id(allow_none=True)
    reason = fields.String(allow_none=True)
    detail = fields.Dict()
    source = fields.String(
        allow_none=True, metadata={"description": "The network address that it came from."}
    )
    job_id = fields.UUID(allow_none=True)


class AuditLogSchema(AnswerSchema):
    """A page of entries; `next` is the cursor of the page after it, null at the end."""

    items = fields.List(fields.Nested(AuditEntrySchema))
    next = AuditCursor(allow_none=True)
