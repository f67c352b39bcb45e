"""What the probes answer."""

from marshmallow import fields, validate

from app.api.schemas.base import AnswerSchema


class AliveSchema(AnswerSchema):
    """The process answers."""

    status = fields.String(validate=validate.Equal("ok"))


class ReadyStateSchema(AnswerSchema):
    """That bookings can be taken, and how the parts are that they can be taken without."""

    status = fields.String(validate=validate.Equal("ready"))
    database = fields.Boolean(metadata={"description": "Reachable and migrated; required."})
    broker = fields.Boolean(metadata={"description": "Reachable; not required."})
    worker_seen_seconds_ago = fields.Float(allow_none=True)
    oldest_queued_seconds = fields.Float(allow_none=True)
