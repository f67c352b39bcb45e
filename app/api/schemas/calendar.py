"""The address of a private calendar."""

from marshmallow import fields

from app.api.schemas.base import AnswerSchema


class CalendarSchema(AnswerSchema):
    """Where calendar programs read one's sessions; whoever has the address can."""

    url = fields.Url(metadata={"description": "Holds a secret: don't pass it on."})
