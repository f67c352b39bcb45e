"""Kombu's Redis transport, which goes on when somebody put something else into a queue.

Kombu reads whatever lies in the list as a message of its own, and a text that is none ends the
worker with an "unrecoverable error" (celery#7975). Anybody who may write into the broker could
stop all workers that way, one text each.
"""

from collections.abc import Callable
from typing import Any

import structlog
from kombu.transport import TRANSPORT_ALIASES, redis

NO_MESSAGE = (ValueError, TypeError, LookupError, AttributeError)
"""What reading a text that is no message, or not all of one, comes to."""

log = structlog.get_logger()


class _Patient:
    """Leaves out what can't be read; a real task that is lost this way is the sweep's business."""

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]  # Kombu's Channel has it
        except NO_MESSAGE as error:
            _tell(error)
            return None

    def basic_consume(
        self,
        queue: str,
        no_ack: bool,  # noqa: FBT001 - Kombu's signature
        callback: Callable[[Any], Any],
        *rest: Any,
        **options: Any,
    ) -> None:
        """Consume `queue`; a message that can't be taken is rejected.

        Kept, it would count as one that the worker is busy with, for ever.
        """

        def take(message: Any) -> None:
            try:
                callback(message)
            except NO_MESSAGE as error:
                _tell(error)
                message.reject()

        super().basic_consume(queue, no_ack, take, *rest, **options)  # type: ignore[misc]  # as above


def _tell(error: Exception) -> None:
    log.warning("something that is no message was left out", reason=type(error).__name__)


class Channel(_Patient, redis.Channel):
    """A channel to one Redis."""


class SentinelChannel(_Patient, redis.SentinelChannel):
    """A channel to the Redis that Sentinel names."""


class Transport(redis.Transport):
    """The transport of `redis`, `rediss` and `redis+socket` URLs."""

    Channel = Channel


class SentinelTransport(redis.SentinelTransport):
    """The transport of `sentinel` URLs."""

    Channel = SentinelChannel


def use_this_transport() -> None:
    """Let Kombu take these classes for its URLs of Redis."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"
    TRANSPORT_ALIASES["sentinel"] = f"{__name__}:SentinelTransport"
