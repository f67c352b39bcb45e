"""One `make run` in one directory at a time."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.launching.launch_error import LaunchError


@contextmanager
def run_lock(var: Path, url: str) -> Iterator[None]:
    """Hold the lock of `var`, which is there, and tell others that `url` is served from it.

    The kernel lets go of it however this process ends, so it is never stale.
    Raises `LaunchError` when another process holds it.
    """
    with (var / "lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LaunchError(f"already running here{_holder(var)}") from None
        file.truncate(0)
        json.dump({"pid": os.getpid(), "url": url}, file)
        file.flush()
        yield
        file.truncate(0)


def _holder(var: Path) -> str:
    try:
        holder = json.loads((var / "lock").read_text(encoding="utf-8"))
    except ValueError:
        return ""  # it is about to start or to end
    return f": {holder['url']} (process {holder['pid']})"
