"""Deletes what `make run` keeps, so that the next one starts with a new demo."""

import shutil
from pathlib import Path

from app.embedded.postgres_home import outside_directory
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
"""By name: a wrong VAR_DIR must not cost anybody their files."""


def reset(var: Path) -> None:
    """Delete the data of the embedded servers, mail, keys and logs in `var`.

    The caller holds the run's lock.
    """
    end_leftovers(var)
    outside = outside_directory(var / "postgres")
    found = [path for pattern in KEPT for path in var.glob(pattern)]
    for path in [*found, *([outside] if outside.exists() else [])]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
