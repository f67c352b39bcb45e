"""Keeps the virtual environment as it is while something runs from it."""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from app.launching.launch_error import LaunchError


@contextmanager
def venv_in_use() -> Iterator[None]:
    """Hold the lock that `.ci/venv.sh` wants before it changes what is installed.

    Several runs can hold it at once. The kernel lets go of it however this process ends.
    Raises `LaunchError` when the environment is being changed now.
    """
    directory = os.open(sys.prefix, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(directory)
        raise LaunchError(
            f"something is being installed in {sys.prefix}: try again when that is done"
        ) from None
    except OSError:
        pass  # some file systems have no such locks; nobody can hold one there
    try:
        yield
    finally:
        os.close(directory)
