"""How a shape of Python becomes a shape of JSON: names, nulls and unknown fields."""

import re
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, fields, pre_load


def camel_case(name: str) -> str:
    """`course_step_id` → `courseStepId`; a trailing underscore (`from_`) is dropped."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name.rstrip("_"))


class CamelSchema(Schema):
    """A schema whose attributes are snake_case in Python and camelCase in JSON."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Name the field in JSON; marshmallow calls this for each one."""
        field_obj.data_key = field_obj.data_key or camel_case(field_name)


class RequestSchema(CamelSchema):
    """A body: unknown fields are an error, an explicit null in an optional field means absent."""

    class Meta:
        """Refuse what isn't declared."""

        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Let the OpenAPI document say that an optional field takes null."""
        super().on_bind_field(field_name, field_obj)
        field_obj.allow_none = not field_obj.required

    @pre_load
    def _drop_nulls(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, dict):
            return data
        optional = {field.data_key for field in self.fields.values() if not field.required}
        return {
            name: value for name, value in data.items() if value is not None or name not in optional
        }


class QuerySchema(CamelSchema):
    """A query string: unknown parameters are ignored."""

    class Meta:
        """Leave out what isn't declared."""

        unknown = EXCLUDE


class AnswerSchema(CamelSchema):
    """An answer, made from a mapping or an object with snake_case names.

    Every field is always there, unless its metadata says `optional`; clients have to expect
    fields that are added later.
    """

    class Meta:
        """Say nothing in the OpenAPI document against further fields."""

        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Let the OpenAPI document promise the field."""
        super().on_bind_field(field_name, field_obj)
        field_obj.required = not field_obj.metadata.get("optional", False)
