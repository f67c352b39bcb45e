"""Deletes what `make run` keeps, so that the next one starts with a new demo."""

import shutil
from pathlib import Path

from app.embedded.postgres_home import remove_outside_directory
from app.launching.leftovers import end_leftovers

KEPT = (
    "postgres",
    "valkey",
    "mail",
    "log",
    "run",
    "beat-schedule*",
    "supervisord.*",
    "servers.json",
    "demo.json",
    "jwt-secret",
)
"""By name: what somebody put beside them stays."""


def reset(var: Path) -> None:
    """Delete the data of the embedded servers, mail, keys and logs in `var`, which is ours.

    The caller holds the run's lock.
    """
    end_leftovers(var)
    for path in (path for pattern in KEPT for path in var.glob(pattern)):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    remove_outside_directory(var / "postgres")
