"""Reads a file as one JSON document, whatever is in it."""

import json
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

from models.importing.fault import CatalogFaults, Fault

LARGEST_BYTES = 256 * 1024 * 1024


class RepeatedKeys(dict[str, Any]):
    """An object of the file in which some keys came more than once.

    Of lists all items are there, so that what is wrong in any of them can be said; else the last
    value won.
    """

    repeated: list[str]


def read_document(path: Path) -> Any:
    """Return the JSON document of a file.

    Raises `CatalogFaults` when it isn't one, `OSError` when the file can't be read.
    """
    with path.open("rb") as file:
        content = file.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise _whole(f"is larger than {LARGEST_BYTES // 1024 // 1024} MiB; split it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _whole(f"is not UTF-8: byte {error.start} doesn't fit") from None
    return _parse(text)


def _parse(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_to_object, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise _whole(
            f"is not JSON: line {error.lineno} column {error.colno}: {error.msg}"
        ) from None
    except RecursionError:
        raise _whole("is nested too deep") from None
    except ValueError as error:  # NaN; an integer of thousands of digits
        reason = str(error) if str(error).startswith("has ") else "has a number that is too long"
        raise _whole(reason) from None


def _to_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    times = Counter(key for key, _ in pairs)
    marked = RepeatedKeys(value)
    marked.repeated = [key for key in value if times[key] > 1]
    for key in marked.repeated:
        lists = [each for name, each in pairs if name == key and isinstance(each, list)]
        if len(lists) > 1:
            marked[key] = list(chain(*lists))
    return marked


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"has {name}, which is not JSON")


def _whole(reason: str) -> CatalogFaults:
    return CatalogFaults([Fault("$", reason)])
