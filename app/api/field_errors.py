"""What is wrong with each field, by the field's place in what was sent."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from marshmallow.exceptions import SCHEMA

# enough to repair any honest request, and a bound for the answer to a body of unknown keys
_MOST = 50
_NAME_LENGTH = 100


def flat_errors(messages: Any) -> dict[str, list[str]]:
    """Return marshmallow's nested messages as `{"selections[0].courseStepId": ["..."]}`.

    What is wrong with the whole body stands under `body`. At most 50 fields are named.
    """
    return dict(islice(_walk(messages, ""), _MOST))


def _walk(messages: Any, path: str) -> Iterator[tuple[str, list[str]]]:
    if not isinstance(messages, Mapping):
        texts = messages if isinstance(messages, list) else [messages]
        yield path or "body", [str(text) for text in texts]
        return
    for key, inner in messages.items():
        yield from _walk(inner, _place(path, key))


def _place(path: str, key: Any) -> str:
    if key == SCHEMA:
        return path
    if isinstance(key, int):
        return f"{path}[{key}]"
    name = _printable(str(key))
    return f"{path}.{name}" if path else name


def _printable(name: str) -> str:
    """Cut an unknown field's name, which is the sender's, and drop what UTF-8 can't carry."""
    return name[:_NAME_LENGTH].encode("utf-8", "replace").decode()
