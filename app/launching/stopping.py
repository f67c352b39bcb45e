"""Ctrl-C and the signals to end: noted at any moment, obeyed between two steps.

A handler that raised could lose its exception where Python lets none through, as in the hooks
around a fork, and the request with it.
"""

import contextlib
import os
import signal
import time
from types import FrameType

from app.launching.launch_error import StopRequested

KILL_AFTER_SECONDS = 8.4
"""After the request; what hasn't ended by then is killed."""
LAST_RESORT_AFTER_SECONDS = 9.7
"""After the request; this process can't be busy with its way out any more, it hangs."""
SECONDS_BETWEEN_LOOKS = 0.1


class StopSignals:
    """Whether somebody asked this process to end. Nothing but `obey` and `rest` raises."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._asked_at: float | None = None

    def listen(self) -> None:
        """Take note of Ctrl-C, SIGTERM and SIGHUP from now on.

        A hang-up that is ignored already, as by `nohup`, stays ignored.
        """
        signal.signal(signal.SIGALRM, self._end_without_order)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._take_note)

    def _take_note(self, _number: int, _frame: FrameType | None) -> None:
        # a child runs this too, until it becomes its program
        if self._asked_at is None and os.getpid() == self._process:
            self._asked_at = time.monotonic()
            signal.setitimer(signal.ITIMER_REAL, LAST_RESORT_AFTER_SECONDS)

    def _end_without_order(self, _number: int, _frame: FrameType | None) -> None:
        try:
            import psutil  # noqa: PLC0415 - takes a while; without it there are no children yet

            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            os.write(2, b"Thrive Booking: it didn't end in order, so all of it was killed.\n")
        finally:
            os._exit(1)

    def all_is_over(self) -> None:
        """Call the last resort off: what is left of this process has nothing to end any more."""
        signal.setitimer(signal.ITIMER_REAL, 0)

    def obey(self) -> None:
        """Raise `StopRequested` if somebody asked."""
        if self._asked_at is not None:
            raise StopRequested

    def rest(self, seconds: float) -> None:
        """Wait, or raise `StopRequested` as soon as somebody asks."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.obey()
            time.sleep(min(left, SECONDS_BETWEEN_LOOKS))
        self.obey()

    @property
    def kill_at(self) -> float:
        """The monotonic time by which everything has to be over; without a request, from now."""
        return (self._asked_at or time.monotonic()) + KILL_AFTER_SECONDS
