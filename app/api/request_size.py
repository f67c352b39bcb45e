"""Bounds on what comes before a body; the body's own is in `app.api.body`."""

from flask import Flask, request

from app.api.problem import Problem

MAX_HEADER_BYTES = 32 * 1024
MAX_URI_BYTES = 8 * 1024


def register_request_size(app: Flask) -> None:
    """Refuse a request whose address (414) or header fields (431) are out of all proportion.

    The server itself takes some 400 KiB before it gives up.
    """
    app.before_request(_check)


def _check() -> None:
    environ = request.environ
    if len(environ.get("PATH_INFO", "")) + len(environ.get("QUERY_STRING", "")) > MAX_URI_BYTES:
        raise Problem("uri_too_long")
    headers = sum(len(key) + len(environ[key]) for key in environ if key.startswith("HTTP_"))
    if headers > MAX_HEADER_BYTES:
        raise Problem("headers_too_large")
