"""The Idempotency-Key header: the same request sent twice makes one job."""

import hashlib
import re
from typing import Any
from uuid import UUID

import rfc8785
from flask import Request

from app.api.problem import Problem

HEADER = "Idempotency-Key"

# visible ASCII without the comma: a header sent twice arrives joined by one
_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]{1,255}")


def idempotency_key(request: Request) -> str | None:
    """Return the request's key, or None without the header; raises Problem 400 for a bad one."""
    sent = request.headers.getlist(HEADER)
    if not sent:
        return None
    if len(sent) > 1:
        raise _invalid()
    return checked_key(sent[0])


def checked_key(key: str) -> str:
    """Return the key; raises Problem 400 for a bad one."""
    if not _KEY.fullmatch(key):
        raise _invalid()
    return key


def _invalid() -> Problem:
    return Problem(
        "invalid_idempotency_key",
        "The key is 1 to 255 visible ASCII characters, without commas and spaces.",
    )


def fingerprint(method: str, path: str, body: Any) -> bytes:
    """Return 32 bytes that are equal for requests that mean the same.

    `body` is the validated body with its defaults, so the order of keys, explicit nulls and
    spelled-out defaults make no difference. SHA-256 over RFC 8785's canonical JSON.
    """
    document = {"method": method, "path": path, "body": _canonical(body)}
    return hashlib.sha256(rfc8785.dumps(document)).digest()


def _canonical(value: Any) -> Any:
    """Write as text what canonical JSON can't hold: integers beyond 2^53, dates, UUIDs."""
    if isinstance(value, dict):
        return {key: _canonical(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(inner) for inner in value]
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | UUID):
        return str(value)
    return value.isoformat()
