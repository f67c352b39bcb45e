"""Whether an answer that a document shows is the one that was given.

What changes from day to day (ids that are made, instants, ETags, how busy it is) need only be of
the same kind. An ellipsis stands for more fields, `"…": "…"`, or for more items, `"…"`.
"""

import json
import re
from typing import Any

from tests.documents.markdown import Block

MORE = "…"
MADE = {
    *("id", "bookingId", "position", "estimatedSeconds", "pollAfterMs", "spotsAvailable"),
    "secret",
}
KINDS = {
    "an instant": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"),
    "an ETag": re.compile(r'"[0-9a-f]{40}"'),
    "a UUID": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
}


def check_answer(shown: Block, given: str) -> None:
    """Fail unless the block, `json` or `http`, shows this answer as curl printed it."""
    if shown.language == "http":
        head, _, body = shown.text.partition("\n\n")
        given_head, _, given = given.replace("\r", "").partition("\n\n")
        _check_head(shown, head.splitlines(), given_head.splitlines())
    else:
        body = shown.text
    if body.strip():
        _check(json.loads(body), json.loads(given), f"{shown}\n at $")


def _check_head(shown: Block, lines: list[str], given: list[str]) -> None:
    assert lines[0] == given[0], f"{shown}: {given[0]}"
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in given)}
    for name, _, value in (line.partition(": ") for line in lines[1:]):
        assert name.lower() in headers, f"{shown}: {name} isn't there"
        assert _plain(value) == _plain(headers[name.lower()]), f"{shown}: {name}"


def _check(shown: Any, given: Any, place: str) -> None:
    if isinstance(shown, dict):
        assert isinstance(given, dict), place
        names = shown.keys() - {MORE}
        more = given.keys() - names if MORE in shown else set()
        assert names == given.keys() - more, f"{place}: has {sorted(given)}"
        for name in names:
            if name not in MADE or type(shown[name]) is not type(given[name]):
                _check(shown[name], given[name], f"{place}.{name}")
    elif isinstance(shown, list):
        assert isinstance(given, list), place
        is_cut = shown[-1:] == [MORE]
        first = shown[:-1] if is_cut else shown
        assert len(given) > len(first) if is_cut else len(given) == len(first), place
        for number, item in enumerate(first):
            _check(item, given[number], f"{place}[{number}]")
    else:
        assert _plain(shown) == _plain(given), f"{place}: is {given!r}"


def _plain(value: Any) -> Any:
    """The value without what is another one each time."""
    if isinstance(value, str):
        for kind, pattern in KINDS.items():
            value = pattern.sub(kind, value)
    return value
