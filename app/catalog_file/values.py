"""The kinds of value in a catalog file; each reader returns the value or raises `WrongValue`."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from models.session_times import FIRST_YEAR, LAST_YEAR, is_within_years

MAX_ID = 2**63 - 1
MOST_SEATS = 1_000_000
LONGEST_WINDOW_HOURS = 8_784
"""A year, as in the settings; much longer and time arithmetic would leave the calendar."""

_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
# PostgreSQL can't store U+0000 and UTF-8 no surrogates; line breaks would forge mail headers
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# as RFC 5321 has it without quoted local parts, which hardly any server takes
_ADDRESS = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?",
    re.ASCII | re.IGNORECASE,
)
_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")

Reader = Callable[[Any], Any]


class WrongValue(Exception):  # noqa: N818 - reads as what it is in `except WrongValue`
    """The value is not of its kind; the text says what it must be."""


def whole_number(lowest: int, highest: int) -> Callable[[Any], int]:
    """Make a reader of integers; `true`, `1.0` and `"1"` are none."""

    def read(value: Any) -> int:
        if type(value) is not int:
            raise WrongValue("must be a whole number")
        if not lowest <= value <= highest:
            raise WrongValue(f"must be from {lowest} to {highest}")
        return value

    return read


an_id = whole_number(1, MAX_ID)
seats = whole_number(0, MOST_SEATS)
window_hours = whole_number(0, LONGEST_WINDOW_HOURS)
step_order = whole_number(0, 1_000_000)


def text(longest: int) -> Callable[[Any], str]:
    """Make a reader of one line of text that isn't blank."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise WrongValue("must be text")
        if _UNFIT.search(value):
            raise WrongValue("must not contain control characters, line breaks or half characters")
        if not value.strip():
            raise WrongValue("must not be empty")
        if len(value) > longest:
            raise WrongValue(f"must not be longer than {longest} characters")
        return value

    return read


name = text(200)


def flag(value: Any) -> bool:
    """Read `true` or `false`."""
    if not isinstance(value, bool):
        raise WrongValue("must be true or false")
    return value


def email(value: Any) -> str:
    """Read a mail address without a name."""
    address = text(254)(value)
    if not _ADDRESS.fullmatch(address) or len(address.partition("@")[0]) > 64:
        raise WrongValue("must be a mail address such as ana@school.example")
    return address


def locale(value: Any) -> str:
    """Read a language tag."""
    tag = text(35)(value)
    if not _LOCALE.fullmatch(tag):
        raise WrongValue("must be a language tag such as en or de-AT")
    return tag


def time_zone(value: Any) -> str:
    """Read the name of a time zone that this machine knows."""
    zone = text(64)(value)
    if zone not in _zones():
        raise WrongValue("must be a known IANA time zone such as Europe/Berlin")
    return zone


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def instant(value: Any) -> datetime:
    """Read an RFC 3339 time with its offset; returns UTC."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise WrongValue("must be a time with its offset, such as 2026-03-01T09:30:00Z")
    try:
        moment = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongValue("is no time that exists in the calendar") from None
    if moment.year < FIRST_YEAR:
        raise WrongValue(f"must not be before {FIRST_YEAR}")
    return moment


def session_time(value: Any) -> datetime:
    """Read the time at which a session begins or ends; returns UTC."""
    moment = instant(value)
    if not is_within_years(moment):
        raise WrongValue(f"must be before the year {LAST_YEAR + 1}")
    return moment


def one_of(words: Iterable[StrEnum]) -> Callable[[Any], str]:
    """Make a reader of a few words."""
    choices = [word.value for word in words]

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise WrongValue(f"must be one of {', '.join(choices)}")
        return value

    return read
