"""The answer to who ended their reminders."""

from app.api.fields import Flag
from app.api.schemas.base import AnswerSchema


class UnsubscribedSchema(AnswerSchema):
    """Whether reminders are sent to the address' owner from now on: they aren't."""

    reminders = Flag()
