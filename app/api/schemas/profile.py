"""A person's own profile; what it takes is read by the catalog file's rules."""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.api.fields import Flag, Id
from app.api.schemas.base import AnswerSchema, RequestSchema
from app.catalog_file import values
from app.catalog_file.values import WrongValue
from models.people import Role


class ProfileText(fields.String):
    """Text that this reader takes, without blanks around it."""

    def __init__(self, reader: Callable[[Any], str], **metadata: Any) -> None:
        super().__init__(metadata=metadata)
        self._reader = reader

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return self._reader(text.strip(" "))
        except WrongValue as wrong:
            sentence = str(wrong)
            raise ValidationError(f"{sentence[:1].upper()}{sentence[1:]}.") from wrong


class ProfileChangeRequestSchema(RequestSchema):
    """The fields to change; what isn't named stays as it is."""

    name = ProfileText(values.name, minLength=1, maxLength=200)
    time_zone = ProfileText(values.time_zone, description="An IANA time zone.", maxLength=64)
    locale = ProfileText(values.locale, description="A language tag.", maxLength=35)
    reminders = Flag(metadata={"description": "Whether to be reminded of sessions by mail."})


class ProfileSchema(AnswerSchema):
    """Who is signed in, and in which zone and language they are written to."""

    id = Id()
    name = fields.String()
    email = fields.String()
    role = fields.String(validate=validate.OneOf(list(Role)))
    time_zone = fields.String()
    locale = fields.String()
    reminders = fields.Boolean()
