"""Bounds on a request as a whole: its address, its header fields, and the body that it announces.

What is in a body, and a chunked one's size, is the business of `app.api.body`.
"""

from flask import Flask, Response, request

from app.api.body import MAX_BODY_BYTES, discard_body
from app.api.problem import Problem

MAX_HEADER_BYTES = 32 * 1024
MAX_URI_BYTES = 8 * 1024


def register_request_size(app: Flask) -> None:
    """Refuse a request whose address (414), header fields (431) or body (413) are too large.

    The server itself takes some 400 KiB of the first two before it gives up.
    """
    # a form that is sent in chunks has no length to look at, and would be read to its end
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.before_request(_check)
    app.after_request(_discard_body)


def _check() -> None:
    environ = request.environ
    if len(environ.get("PATH_INFO", "")) + len(environ.get("QUERY_STRING", "")) > MAX_URI_BYTES:
        raise Problem("uri_too_long")
    headers = sum(len(key) + len(environ[key]) for key in environ if key.startswith("HTTP_"))
    if headers > MAX_HEADER_BYTES:
        raise Problem("headers_too_large")
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise Problem("body_too_large")


def _discard_body(response: Response) -> Response:
    has_body = request.content_length or "HTTP_TRANSFER_ENCODING" in request.environ
    if has_body and response.status_code >= 400:
        discard_body(request.environ)
    return response
