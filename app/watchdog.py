"""Ends a process that hangs where no timeout reaches, so that its supervisor starts it again."""

import os
import threading
import time

import structlog

LOOK_SECONDS = 1.0
HUNG = 70
"""The exit code: EX_SOFTWARE of sysexits.h."""

log = structlog.get_logger()


class Watchdog:
    """Ends this process when nobody has told it for `seconds` that all goes on.

    A client that waits for a database server that stands still has no timeout of its own.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._told_at = time.monotonic()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def tell_alive(self) -> None:
        """Say that the work goes on."""
        self._told_at = time.monotonic()

    def _watch(self) -> None:
        while time.monotonic() - self._told_at < self._seconds:
            time.sleep(LOOK_SECONDS)
        log.error("process hangs and is ended", seconds=self._seconds)
        os._exit(HUNG)
