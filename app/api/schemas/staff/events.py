"""The event log as staff read it."""

from marshmallow import fields, validate

from app.api.fields import MAX_ID, Instant, QueryInteger
from app.api.schemas.base import AnswerSchema
from app.api.schemas.paging import PageQuerySchema
from models.event_types import EventType

_POSITION = {"minimum": 1, "maximum": MAX_ID}


class EventQuerySchema(PageQuerySchema):
    """Which events to list: those behind a position, of one type or of all."""

    after = QueryInteger(
        0,
        MAX_ID,
        load_default=0,
        metadata={"description": "The `cursor` of the last event that the reader has; 0 for none."},
    )
    type = fields.String(validate=validate.OneOf(list(EventType)))


class EventSchema(AnswerSchema):
    """What happened; `data` depends on the type."""

    id = fields.UUID()
    cursor = fields.Integer(metadata={**_POSITION, "description": "Its position in the log."})
    type = fields.String(metadata={"examples": list(EventType)})
    timestamp = Instant()
    data = fields.Dict()


class EventListSchema(AnswerSchema):
    """A page of events, the oldest first.

    `next` is the `after` of the page behind it, null at the end. Whoever follows the log keeps the
    `cursor` of the last event, and asks again with it later: nothing ever comes before it.
    """

    items = fields.List(fields.Nested(EventSchema))
    next = fields.Integer(allow_none=True, metadata=_POSITION)
