"""A circuit breaker: what failed a moment ago isn't tried again by everybody at once.

Ours, because the known libraries hold one lock while the guarded call runs, so that a single
hung call would stop every thread of the process (docs/decisions).
"""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class BreakerOpen(Exception):  # noqa: N818 - a state, not an error
    """The last try failed a moment ago; nothing was tried."""


class Breaker:
    """Lets calls through until one fails; then one call each `rest` seconds as a test.

    `failures` are the exceptions that count; others pass and change nothing.
    """

    def __init__(
        self,
        failures: tuple[type[Exception], ...],
        *,
        rest: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures = failures
        self._rest = rest
        self._clock = clock
        self._closed_again_at: float | None = None
        self._lock = threading.Lock()

    def call(self, attempt: Callable[[], T]) -> T:
        """What `attempt` returns; raises BreakerOpen without trying while it rests."""
        if not self._may_try():
            raise BreakerOpen
        try:
            result = attempt()
        except self._failures:
            self._closed_again_at = self._clock() + self._rest
            raise
        self._closed_again_at = None
        return result

    def _may_try(self) -> bool:
        if self._closed_again_at is None:
            return True
        with self._lock:
            if self._closed_again_at is not None and self._clock() < self._closed_again_at:
                return False
            # whoever gets here tests; the others go on resting meanwhile
            self._closed_again_at = self._clock() + self._rest
            return True
