"""The kinds of value that requests and answers are made of."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import fields
from marshmallow.validate import Length, Range

from models.instants import print_instant

MAX_ID = 2**63 - 1
MOST_SEATS = 100_000

# year to optional fraction, then the offset that RFC 3339 demands
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
# PostgreSQL can't store the first, UTF-8 can't carry the others
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Id(fields.Integer):
    """An id: a JSON integer from 1 to 2^63 - 1; not `true`, not `1.0`, not `"7"`."""

    default_error_messages = {  # noqa: RUF012 - the name and form are marshmallow's
        "invalid": "Must be a whole number.",
    }

    def __init__(self, **kwargs: Any) -> None:
        error = "Must be from 1 to {max}."
        super().__init__(strict=True, validate=Range(1, MAX_ID, error=error), **kwargs)


class Flag(fields.Boolean):
    """A JSON `true` or `false`; not `1`, not `"true"`."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class SeatCount(fields.Integer):
    """A number of seats: a JSON integer from 0 to a hundred thousand."""

    default_error_messages = {  # noqa: RUF012 - the name and form are marshmallow's
        "invalid": "Must be a whole number.",
    }

    def __init__(self, **kwargs: Any) -> None:
        error = "Must be from {min} to {max}."
        super().__init__(strict=True, validate=Range(0, MOST_SEATS, error=error), **kwargs)


class QueryInteger(fields.Integer):
    """An integer of a query string, in plain digits, from `lowest` to `highest`."""

    default_error_messages = {  # noqa: RUF012 - the name and form are marshmallow's
        "invalid": "Must be a whole number in plain digits.",
    }

    def __init__(self, lowest: int, highest: int, **kwargs: Any) -> None:
        error = "Must be from {min} to {max}."
        super().__init__(validate=Range(lowest, highest, error=error), **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        # int() would also take "1_000", " 7" and the digits of other scripts
        if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,20}", value):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class Text(fields.String):
    """Text of at most `longest` characters that the database can store."""

    default_error_messages = {  # noqa: RUF012 - the name and form are marshmallow's
        "unstorable": "Must not contain the character U+0000 or half of a surrogate pair.",
    }

    def __init__(self, longest: int, shortest: int = 0, **kwargs: Any) -> None:
        super().__init__(validate=Length(min=shortest, max=longest), **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not is_storable(text):
            raise self.make_error("unstorable")
        return text


def is_storable(text: str) -> bool:
    """Whether the database can store this text, or even be asked for it."""
    return _UNSTORABLE.search(text) is None


class Instant(fields.DateTime):
    """A point in time: RFC 3339 with an offset coming in, UTC ending in `Z` going out.

    Milliseconds are printed when there are any. Going out it is an aware datetime, or the text
    of one as a JSON column holds it.
    """

    default_error_messages = {  # noqa: RUF012 - the name and form are marshmallow's
        "invalid": "Must be an RFC 3339 time with its offset, such as 2026-03-01T09:30:00Z.",
    }

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        if value is None:
            return None
        return print_instant(datetime.fromisoformat(value) if isinstance(value, str) else value)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            raise self.make_error("invalid")
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError) as error:  # a 30th of February; before the year 1
            raise self.make_error("invalid") from error
