"""Sessions as staff see them."""

from datetime import datetime

from marshmallow import fields, validate

from app.api.cursors import Cursor
from app.api.fields import MAX_ID, Id, Instant, QueryInteger
from app.api.schemas.base import AnswerSchema
from app.api.schemas.paging import PageQuerySchema
from models.catalog import SessionStatus


class SessionCursor(Cursor):
    """A place among sessions by start and id."""

    of = "sessions"
    parts = (datetime, int)


class StaffSessionQuerySchema(PageQuerySchema):
    """Which sessions to list: those that start in `[from, to)`, of a class, in a status."""

    from_ = Instant()
    to = Instant()
    group_class_id = QueryInteger(1, MAX_ID)
    status = fields.String(validate=validate.OneOf(list(SessionStatus)))
    cursor = SessionCursor()


class StaffSessionSchema(AnswerSchema):
    """A session with its class, its teacher, its seats, and how many wait for one."""

    id = Id()
    group_class_id = Id()
    group_class_name = fields.String()
    teacher_id = Id()
    teacher_name = fields.String()
    start_at = Instant()
    end_at = Instant()
    time_zone = fields.String(metadata={"description": "The venue's IANA time zone."})
    status = fields.String(validate=validate.OneOf(list(SessionStatus)))
    capacity_max = fields.Integer(metadata={"minimum": 0})
    seats_taken = fields.Integer(metadata={"minimum": 0})
    waiting = fields.Integer(
        metadata={
            "minimum": 0,
            "description": "Who waits for this session, or for any session of its class.",
        }
    )


class StaffSessionListSchema(AnswerSchema):
    """A page of sessions; `next` is the cursor of the page after it, null at the end."""

    items = fields.List(fields.Nested(StaffSessionSchema))
    next = SessionCursor(allow_none=True)
