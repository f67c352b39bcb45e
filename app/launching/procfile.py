"""Reads the Procfile: one process a line, `name: command`."""

import re
from pathlib import Path

from app.launching.launch_error import LaunchError

RELEASE = "release"
"""The line that is run to its end before the others start."""


def read_procfile(path: Path) -> dict[str, str]:
    """Return the commands by name, in the file's order.

    Raises `LaunchError` for a file that isn't there or a line that can't be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise LaunchError(f"{path.name} can't be read: {error.strerror}") from None
    commands: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = re.fullmatch(r"([A-Za-z0-9_-]+):\s*(\S.*)", line.rstrip())
        if found is None or found[1] in commands:
            raise LaunchError(f"{path.name}, line {number}: not one more `name: command`")
        commands[found[1]] = found[2]
    return commands
