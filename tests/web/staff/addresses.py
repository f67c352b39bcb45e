"""The addresses of all pages of staff."""

import re
from collections.abc import Iterable, Mapping

from app.web.routes import FOR_STAFF, FOR_TEACHERS

Ids = Mapping[str, object]
"""What stands in addresses for each id, by the id's name."""


def addresses(routes: Iterable[tuple[str, str, str]], ids: Ids) -> list[tuple[str, str]]:
    """Method and path of each."""
    return [
        (method, re.sub(r"<\w+:(\w+)>", lambda part: str(ids[part[1]]), path))
        for method, path, _ in routes
    ]


def looked_at(ids: Ids) -> list[str]:
    """The paths of all pages that are only looked at."""
    every = addresses((*FOR_TEACHERS, *FOR_STAFF), ids)
    return [path for method, path in every if method == "GET"]
