"""What became of a student's waiting for a step."""

from marshmallow import fields, validate

from app.api.cursors import Cursor
from app.api.fields import Id, Instant
from app.api.schemas.base import AnswerSchema
from app.api.schemas.paging import PageQuerySchema
from models.waitlist import EndReason, WaitlistStatus


class WaitlistCursor(Cursor):
    """A place among a step's entries by id."""

    of = "waitlist"
    parts = (int,)


class WaitlistQuerySchema(PageQuerySchema):
    """Which page of the entries to list."""

    cursor = WaitlistCursor()


class WaitlistSkipSchema(AnswerSchema):
    """A free seat that the student couldn't be given, and why."""

    at = Instant()
    session_id = Id()
    code = fields.String()
    message = fields.String()


class WaitlistHistoryEntrySchema(AnswerSchema):
    """A place on a waitlist, and what became of it."""

    id = Id()
    course_step_option_id = Id()
    session_id = Id(allow_none=True, metadata={"description": "Null: any session of the option."})
    status = fields.String(validate=validate.OneOf(list(WaitlistStatus)))
    position = fields.Integer(
        allow_none=True,
        metadata={"minimum": 1, "description": "While waiting; 1 is the next."},
    )
    joined_at = Instant()
    ended_at = Instant(allow_none=True)
    end_reason = fields.String(
        allow_none=True,
        validate=validate.OneOf(list(EndReason)),
        metadata={"description": "Why it is ENDED."},
    )
    booking_id = Id(allow_none=True, metadata={"description": "What a promotion booked."})
    skips = fields.List(fields.Nested(WaitlistSkipSchema))


class WaitlistHistorySchema(AnswerSchema):
    """A page of entries; `next` is the cursor of the page after it, null at the end."""

    items = fields.List(fields.Nested(WaitlistHistoryEntrySchema))
    next = WaitlistCursor(allow_none=True)
