"""One structured line for each request, without personal data.

The line has the route and not the path (feeds carry secrets in their paths), no address, no
query and no body. Every answer names its request in `X-Request-Id`.
"""

import re
import time
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request

from app.api.metrics import count_request

HEADER = "X-Request-Id"

# a proxy's id is taken over if it can't break a line or a header
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}")
# anybody may send any word as a method; the log and the metrics know these
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# read every few seconds by machines; counted, but not written down
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})

log = structlog.get_logger(__name__)


def register_request_log(app: Flask) -> None:
    """Bind the request's id to all log lines, then log and count the answer."""
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_forget)


def _begin() -> None:
    g.started = time.perf_counter()
    sent = request.headers.get(HEADER, "")
    g.request_id = sent if _PLAIN.fullmatch(sent) else uuid4().hex
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _finish(response: Response) -> Response:
    seconds = time.perf_counter() - g.started
    method = request.method if request.method in _METHODS else "OTHER"
    route = request.url_rule.rule if request.url_rule else "unmatched"
    response.headers[HEADER] = g.request_id
    count_request(method, route, response.status_code, seconds)
    if route not in _PROBES:
        log.info(
            "request",
            method=method,
            route=route,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
        )
    return response


def _forget(_: BaseException | None) -> None:
    structlog.contextvars.unbind_contextvars("request_id")
