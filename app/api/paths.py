"""What may stand in a path for an id: anything else is a 404, like any unknown path."""

from uuid import UUID

from flask import Flask
from werkzeug.routing import BaseConverter

from app.api.fields import MAX_ID
from models.user_tokens import TOKEN_PATTERN


def _one_to(highest: int) -> str:
    """A pattern for the integers from 1 to `highest`, in their one spelling."""
    digits = str(highest)
    shorter = f"[1-9][0-9]{{0,{len(digits) - 2}}}"
    smaller = [
        f"{digits[:place]}[{int(place == 0)}-{int(digit) - 1}][0-9]{{{len(digits) - place - 1}}}"
        for place, digit in enumerate(digits)
        if int(digit) > int(place == 0)
    ]
    return "|".join([shorter, *smaller, digits])


class IdConverter(BaseConverter):
    """`<id:package_id>`: a positive integer below 2^63 in its one spelling, no leading zeros.

    The pattern alone tells them: whatever it lets pass counts as a known path when another
    method is asked for, and would be a 405.
    """

    regex = _one_to(MAX_ID)

    def to_python(self, value: str) -> int:
        """Return the id."""
        return int(value)


class JobIdConverter(BaseConverter):
    """`<job_id:job_id>`: a UUID in lower case with its hyphens."""

    regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    def to_python(self, value: str) -> UUID:
        """Return the job's id."""
        return UUID(value)


class TokenConverter(BaseConverter):
    """`<token:token>`: the secret of an address, as `models.user_tokens` writes it."""

    regex = TOKEN_PATTERN


def register_converters(app: Flask) -> None:
    """Let routes say `<id:...>`, `<job_id:...>` and `<token:...>`; one path has one spelling."""
    app.url_map.converters.update(id=IdConverter, job_id=JobIdConverter, token=TokenConverter)
    app.url_map.merge_slashes = False
