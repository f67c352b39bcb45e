"""Cutting what was found into a page and the cursor of the page after it."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

R = TypeVar("R")


def page(found: Sequence[R], limit: int, place: Callable[[R], Any]) -> dict[str, Any]:
    """The first `limit` of the rows, and the place of the last of them if there are more.

    So `limit + 1` rows are to be looked for.
    """
    items = found[:limit]
    return {"items": items, "next": place(items[-1]) if len(found) > limit else None}
