"""The headers of the contract as the OpenAPI document describes them."""

from collections.abc import Mapping
from typing import Any

Header = Mapping[str, Any]


def _header(description: str, **schema: Any) -> Header:
    return {"description": description, "schema": {"type": "string", **schema}}


ALLOW = _header("The methods that the address takes.")
CACHE_CONTROL = _header("The answer is one person's, and asked for anew each time.")
CONTENT_DISPOSITION = _header("The name of the file to save.")
ETAG = _header("Changes with the bytes of the answer; send it back in If-None-Match.")
LOCATION = _header("Where the job is polled.", format="uri-reference")
PREFERENCE_APPLIED = _header("The wait that was honoured.", examples=["wait=10"])
REPLAYED = _header("There when this key's job was made by an earlier request.", const="true")
REQUEST_ID = _header("Names the request in the logs.")
RETRY_AFTER: Header = {
    "description": "Whole seconds after which to ask again.",
    "schema": {"type": "integer", "minimum": 1},
}
WWW_AUTHENTICATE = _header("What is missing or wrong about the token (RFC 6750).")


def _parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "description": description,
        "required": False,
        "schema": {"type": "string", **schema},
    }


IDEMPOTENCY_KEY = _parameter(
    "Idempotency-Key",
    "The same key with the same request makes one job, however often it is sent.",
    pattern=r"^[!-+\--~]{1,255}$",
)
IF_NONE_MATCH = _parameter("If-None-Match", "The ETag at hand; 304 as long as it is current.")
PREFER = _parameter(
    "Prefer",
    "`wait=N` holds the answer for up to N seconds, at most 30, until the job is final (RFC 7240).",
    examples=["wait=10"],
)
