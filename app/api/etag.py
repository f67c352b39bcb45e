"""ETags for answers to GET: a client that polls is told 304 as long as nothing changed."""

from flask import Response, request


def conditional(response: Response) -> Response:
    """Give a 200 a strong ETag over its bytes; make it a 304 where If-None-Match has that one.

    Other answers pass unchanged (RFC 9110 13.1.2).
    """
    if response.status_code == 200 and request.method in ("GET", "HEAD"):
        response.add_etag()
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.make_conditional(request)
    return response
