"""A worker whose tasks run in threads ends in time, whatever they wait for.

A signal reaches no thread, and Celery waits for all of them. So the tasks are told by
`tasks.ending`, and what is still under way some seconds later is left: to its lease, after which
somebody sends it again under the same id.
"""

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import structlog

from tasks.ending import ENDING

SECONDS = 5.0
"""More than Celery's soft shutdown takes, less than the launcher's patience."""
SIGNALS = (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT)

Handler = Callable[[int, FrameType | None], Any]

log = structlog.get_logger()


def end_in_time(**_: Any) -> None:
    """Listen to the signals to end before Celery does; called once it has its own handlers.

    It is so again after each connection to the broker.
    """
    for number in SIGNALS:
        handler = signal.getsignal(number)
        if callable(handler) and not isinstance(handler, _Ending):
            signal.signal(number, _Ending(handler))


class _Ending:
    """The handler of a signal to end, in front of Celery's own."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Tell the tasks, see to it that this process ends, and let Celery end it."""
        if not ENDING.is_set():
            ENDING.set()
            last_resort = threading.Timer(SECONDS, _leave)
            last_resort.daemon = True
            last_resort.start()
        self._handler(number, frame)


def _leave() -> None:
    log.warning("what is still under way is left to its lease")
    os._exit(0)
