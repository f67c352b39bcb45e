"""Runs the Procfile's release line: migrations, and the demo on an empty database."""

import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psutil

from app.embedded.parent_death import end_with_parent
from app.embedded.server_process import Farewell, end_processes
from app.launching.launch_error import LaunchError

FAREWELLS = (Farewell(signal.SIGTERM, 4),)


def run_release(command: str, *, directory: Path, environment: Mapping[str, str]) -> None:
    """Run `command` to its end; what it prints is shown.

    Raises `LaunchError` when it fails. Ends it when this process is asked to stop meanwhile.
    """
    release = subprocess.Popen(  # noqa: S603 - the Procfile is ours
        ["/bin/sh", "-c", f"exec {command}"],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - only calls prctl
    )
    try:
        code = release.wait()
    finally:
        if release.poll() is None:
            end_processes([psutil.Process(release.pid)], FAREWELLS)
    if code != 0:
        raise LaunchError(f"the Procfile's release line ended with exit code {code}, see above")
