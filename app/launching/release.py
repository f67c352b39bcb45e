"""Runs the Procfile's release line: migrations, and the demo on an empty database."""

import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from app.embedded.attention import wait_attentively
from app.embedded.ending import Farewell
from app.embedded.parent_death import end_with_parent
from app.launching.launch_error import LaunchError
from app.launching.stopping import StopSignals

FAREWELLS = (Farewell(signal.SIGTERM, 3),)


def run_release(
    command: str, *, directory: Path, environment: Mapping[str, str], stop: StopSignals
) -> None:
    """Run `command` to its end; what it prints is shown.

    Raises `LaunchError` when it fails, and `StopRequested` after ending it when somebody asks to
    stop meanwhile.
    """
    release = subprocess.Popen(  # noqa: S603 - the Procfile is ours
        ["/bin/sh", "-c", f"exec {command}"],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - only calls prctl
    )
    wait_attentively(release, stop.obey, FAREWELLS)
    if release.returncode != 0:
        raise LaunchError(
            f"the Procfile's release line ended with exit code {release.returncode}, see above"
        )
