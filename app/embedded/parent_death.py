"""Lets a process end when the one that started it is gone, however that one ended."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from functools import partial

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)  # loaded here: between fork and exec it could deadlock


def end_with_parent(with_signal: signal.Signals) -> Callable[[], None]:
    """Return what a child of ours has to run before `exec` to get `with_signal` when we end.

    The parent is the thread that starts the child, so that has to be one that stays: the main
    thread.
    """
    return partial(_ask_before_exec, with_signal, parent=os.getpid())


def _ask_before_exec(with_signal: signal.Signals, parent: int) -> None:
    signal.signal(with_signal, signal.SIG_DFL)  # the parent's handler would be the end of it
    ask_for_signal(with_signal, parent=parent)


def ask_for_signal(with_signal: signal.Signals, *, parent: int) -> None:
    """Make the kernel send us `with_signal` when our parent, the process `parent`, ends.

    Linux only; elsewhere it does nothing, and the next start ends what was left behind.
    """
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, int(with_signal))
        if os.getppid() != parent:  # it ended before we asked
            os.kill(os.getpid(), with_signal)
