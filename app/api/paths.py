"""What may stand in a path for an id: anything else is a 404, like any unknown path."""

from uuid import UUID

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

from app.api.fields import MAX_ID


class IdConverter(BaseConverter):
    """`<id:package_id>`: a positive integer below 2^63 in its one spelling, no leading zeros."""

    regex = "[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        """Return the id; raises werkzeug's ValidationError when it is over 2^63 - 1."""
        number = int(value)
        if number > MAX_ID:
            raise ValidationError
        return number


class JobIdConverter(BaseConverter):
    """`<job_id:job_id>`: a UUID in lower case with its hyphens."""

    regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    def to_python(self, value: str) -> UUID:
        """Return the job's id."""
        return UUID(value)


def register_converters(app: Flask) -> None:
    """Let routes say `<id:...>` and `<job_id:...>`; one path has one spelling."""
    app.url_map.converters.update(id=IdConverter, job_id=JobIdConverter)
    app.url_map.merge_slashes = False
