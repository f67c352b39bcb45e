"""Becomes one process of the Procfile: `python -m app.launching.child NAME`, run by supervisord.

supervisord alone would start a process that ends again at once, give up after some tries, leave
orphans of a killed process beside its successor, and leave everything running when it is killed
itself.
"""

import os
import signal
import sys
import time
from pathlib import Path

from app.embedded.parent_death import ask_for_signal
from app.launching.leftovers import PROCESS, RUN, end_leftovers
from app.launching.procfile import read_procfile

PROCFILE = "THRIVE_PROCFILE"
PYTHON = "THRIVE_PYTHON"
CHECKOUT = "THRIVE_CHECKOUT"
SECONDS_BETWEEN_STARTS = 2.0


def main(name: str) -> None:
    """Turn into the process `name`, once its predecessor's children are gone."""
    ask_for_signal(signal.SIGTERM, parent=os.getppid())
    var = Path(os.environ[RUN])
    end_leftovers(var, name)
    wait_for_turn(var / "run" / name)
    procfile = Path(os.environ[PROCFILE])
    command = read_procfile(procfile)[name]
    os.chdir(procfile.parent)
    os.environ[PROCESS] = name
    os.execv("/bin/sh", ["/bin/sh", "-c", f"exec {command}"])  # noqa: S606 - the Procfile is ours


def wait_for_turn(last_start: Path) -> None:
    """Wait until two seconds after the last start, so a process that can't live burns no CPU."""
    last_start.parent.mkdir(exist_ok=True)
    if last_start.exists():
        since = time.time() - last_start.stat().st_mtime
        time.sleep(min(max(0.0, SECONDS_BETWEEN_STARTS - since), SECONDS_BETWEEN_STARTS))
    last_start.touch()


if __name__ == "__main__":
    main(sys.argv[1])
