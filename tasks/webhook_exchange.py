"""One request to an endpoint, and what its answer means."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

import httpcore

from models.webhook_finishing import Answer
from tasks.webhook_network import Deadline, GuardedBackend, Refused, Resolve
from tasks.webhook_resolving import Unresolvable, resolve

SECONDS = 10
"""For all of it: the name, the connection, TLS, the request and the answer."""
LONGEST_BODY = 1024
"""How much of an answer's body is read, before it is dropped."""
BODY_SECONDS = 1
"""How long it is waited for, once the status is there."""
FAILURES = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    OSError,
    Unresolvable,
    Refused,
)


@dataclass(frozen=True, slots=True)
class Network:
    """How the outside is reached."""

    allow_private: bool = False
    resolve: Resolve = resolve
    tls: ssl.SSLContext | None = None
    """None: the system's certificate authorities."""
    seconds: float = SECONDS
    system: httpcore.NetworkBackend = field(default_factory=httpcore.SyncBackend)
    """What connects to an address."""


def post(network: Network, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Send these bytes to an endpoint; says what came of it, whatever that is.

    Only a 2xx is a success. A redirect isn't followed: it is no promise that anybody has it.
    """
    deadline = Deadline(network.seconds)
    backend = GuardedBackend(
        network.system, deadline, network.resolve, allow_private=network.allow_private
    )
    try:
        with httpcore.ConnectionPool(
            ssl_context=network.tls or _system_tls(), network_backend=backend
        ) as pool:
            status = _status(pool, deadline, url, headers, body)
    except FAILURES as error:
        return Answer(None, _words(error))
    return Answer(status, None if 200 <= status < 300 else f"answered {status}")


def _status(
    pool: httpcore.ConnectionPool,
    deadline: Deadline,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
) -> int:
    with pool.stream(
        "POST",
        _whole(url),
        headers=[("Host", urlsplit(url).netloc), *headers.items()],
        content=body,
    ) as response:
        deadline.shorten(BODY_SECONDS)
        _drop_body(response)
        return response.status


def _whole(url: str) -> httpcore.URL:
    """The URL as it was given: from one text, httpcore leaves out what stands behind a `;`."""
    parts = urlsplit(url)
    target = parts.path or "/"
    return httpcore.URL(
        scheme=parts.scheme,
        host=parts.hostname or "",
        port=parts.port,
        target=f"{target}?{parts.query}" if parts.query else target,
    )


def _drop_body(response: httpcore.Response) -> None:
    """Read a little of the body, so that an ordinary answer is taken to its end."""
    size = 0
    try:
        for part in response.iter_stream():
            size += len(part)
            if size > LONGEST_BODY:
                return
    except FAILURES:
        return  # the status is the answer, and it is there


@lru_cache(maxsize=1)
def _system_tls() -> ssl.SSLContext:
    # it reads a hundred certificates, so not for each request
    return ssl.create_default_context()


def _words(error: Exception) -> str:
    """What went wrong, for staff; of an answer that is none, nothing is quoted."""
    if isinstance(error, Refused):
        return "its address isn't one of the public internet"
    if isinstance(error, httpcore.TimeoutException | TimeoutError):
        return "took too long"
    if isinstance(error, httpcore.ConnectError | Unresolvable):
        return f"can't be reached: {error}"
    return f"broke off: {type(error).__name__}"
