"""The way to an endpoint: its name is looked up once, judged, and that very address connected to.

A back end of httpcore, because only there the address that was judged is also the one that is
used: a look-up beforehand could be answered differently a moment later (DNS rebinding). It also
ends the whole exchange in time, which a timeout for each read doesn't with a server that drips.
"""

import ssl
import time
from collections.abc import Callable, Iterable

import httpcore

from models.webhook_url import is_local_name, is_public

Resolve = Callable[[str, float], list[str]]
"""Finds the addresses of a host within some seconds; raises Unresolvable."""


class Refused(Exception):  # noqa: N818 - what was done
    """The host isn't one of the public internet; nothing was connected to."""


class Deadline:
    """The moment by which an exchange has to be over."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def shorten(self, seconds: float) -> None:
        """Let no more than so many seconds be left."""
        self._ends = min(self._ends, time.monotonic() + seconds)

    def left(self) -> float:
        """How many seconds are left; raises TimeoutError when none are."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to public addresses only, unless `allow_private`, and until the deadline."""

    def __init__(
        self,
        system: httpcore.NetworkBackend,
        deadline: Deadline,
        resolve: Resolve,
        *,
        allow_private: bool,
    ) -> None:
        self._system = system
        self._deadline = deadline
        self._resolve = resolve
        self._allow_private = allow_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline counts
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of the host that answers.

        Raises Refused where one of them isn't public, Unresolvable, and what httpcore raises.
        """
        addresses = self._judged(host)
        for number, address in enumerate(addresses, start=1):
            # the last one may take all that is left, those before it only their part
            seconds = self._deadline.left() / (len(addresses) - number + 1)
            try:
                stream = self._system.connect_tcp(
                    address, port, seconds, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses):
                    raise
            else:
                return DeadlineStream(stream, self._deadline)
        raise httpcore.ConnectError("no address")

    def _judged(self, host: str) -> list[str]:
        if is_local_name(host) and not self._allow_private:
            raise Refused
        addresses = self._resolve(host, self._deadline.left())
        if not self._allow_private and not all(map(is_public, addresses)):
            raise Refused
        return addresses


class DeadlineStream(httpcore.NetworkStream):
    """A connection whose every step may take only what is left until the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - as above
        """Read what is there."""
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - as above
        """Write all of it; a receiver that takes a byte at a time gains nothing by that."""
        connection = self._stream.get_extra_info("socket")
        while buffer:
            connection.settimeout(self._deadline.left())
            buffer = buffer[connection.send(buffer) :]

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - as above
    ) -> httpcore.NetworkStream:
        """Begin TLS; the certificate has to be the name's, not the address's."""
        left = self._deadline.left()
        return DeadlineStream(
            self._stream.start_tls(ssl_context, server_hostname, left), self._deadline
        )

    def get_extra_info(self, info: str) -> object:
        """What httpcore asks about the connection."""
        return self._stream.get_extra_info(info)
