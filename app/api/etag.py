"""ETags for answers to GET: a client that polls is told 304 as long as nothing changed."""

from flask import Response, request


def conditional(response: Response) -> Response:
    """Give a 200 a strong ETag over its bytes; make it a 304 where If-None-Match has that one.

    Other answers pass unchanged (RFC 9110 13.1.2).
    """
    if response.status_code == 200 and request.method in ("GET", "HEAD"):
        response.add_etag()
        response.headers.setdefault("Cache-Control", "private, no-cache")
        if _is_current(response):
            response.status_code = 304
            response.set_data(b"")
            del response.headers["Content-Type"], response.headers["Content-Length"]
    return response


def _is_current(response: Response) -> bool:
    """Compare weakly (RFC 9110 13.1.2); no other condition is looked at."""
    tag, _ = response.get_etag()
    return tag is not None and request.if_none_match.contains_weak(tag)
