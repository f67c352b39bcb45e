"""Lists with filters: what the address asks for, and the address of the page after it."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import request
from marshmallow import Schema, ValidationError

from app.web.reader import Reader
from app.web.staff.faults import Faults, faults_of

LISTED = 50
NOTHING: dict[str, Any] = {"items": [], "next": None}
"""The page of a list that isn't read."""


@dataclass(frozen=True)
class Asked:
    """A query as its schema reads it; empty where there are `faults` in it."""

    query: dict[str, Any] = field(default_factory=dict)
    faults: Faults = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The status of the page that shows them."""
        return 422 if self.faults else 200


def asked(schema: Schema, reader: Reader, **fixed: str) -> Asked:
    """Read the address by this schema; fields that were left empty say nothing."""
    sent = {name: value for name, value in request.args.items() if value.strip()}
    try:
        return Asked(query=schema.load({**sent, "limit": str(LISTED), **fixed}))
    except ValidationError as error:
        return Asked(faults=faults_of(error, reader))


def later_page(listed: dict[str, Any], schema: type[Schema]) -> str | None:
    """The address of the page after this one, None at the end; `schema` prints its cursor."""
    cursor = schema(only=("next",)).dump(listed)["next"]
    return None if cursor is None else address(cursor=cursor)


def address(**changed: Any) -> str:
    """The address of this page with other parameters; None leaves one out."""
    kept = {name: value for name, value in request.args.items() if value and name != "cursor"}
    asked_for = {name: value for name, value in {**kept, **changed}.items() if value is not None}
    return f"{request.path}?{urlencode(asked_for)}" if asked_for else request.path
