"""Runs the Procfile's processes under supervisord."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil

from app.embedded.ending import Farewell, descendants, end_processes
from app.embedded.parent_death import end_with_parent
from app.embedded.server_process import last_lines
from app.launching.launch_error import LaunchError
from app.launching.leftovers import end_leftovers
from app.launching.saying import say

STOP_SECONDS = 6
"""From SIGTERM to SIGKILL; with what comes after it, everything is down within 10 seconds."""
START_SECONDS = 1.0
"""A supervisord that ends sooner can't read its configuration, or the like."""
FAREWELLS = (Farewell(signal.SIGTERM, STOP_SECONDS + 1),)
SECONDS_FOR_SERVERS = 1.0
"""Of the time to stop, what is kept for the servers, which end after the processes."""
SECONDS_FOR_LEFTOVERS = 0.4
"""Before that, what is kept for the processes of a supervisord that had to be killed."""

METRICS = Path("run", "metrics")
"""In the var directory: where the web processes count together; empty at each start."""

HEAD = """\
[supervisord]
nodaemon = true
silent = true
logfile = log/supervisord.log
logfile_maxbytes = 5MB
logfile_backups = 1
pidfile = supervisord.pid
minfds = 256
minprocs = 50
"""
# Paths are relative to the var directory, where supervisord runs: none of the machine's is written
# here, because blanks, `%` and `;` would mean something, and `%(here)s` is expanded twice.
# startsecs 0: the child waits between its starts by itself, so supervisord never gives up.
# stopasgroup false: Celery's children would die in the middle of a task instead of ending it.
PROGRAM = """
[program:{name}]
command = /bin/sh -c 'cd "$THRIVE_CHECKOUT" && exec "$THRIVE_PYTHON" -m app.launching.child {name}'
startsecs = 0
autorestart = true
stopsignal = TERM
stopwaitsecs = {stop_seconds}
stopasgroup = false
killasgroup = true
redirect_stderr = true
stdout_logfile = log/{name}.log
stdout_logfile_maxbytes = 5MB
stdout_logfile_backups = 3
"""
# supervisord stops one group after the other; in one group they all stop at once.
GROUP = """
[group:thrive]
programs = {names}
"""


def supervisor_configuration(names: Iterable[str]) -> str:
    """Return the text of a configuration that runs these lines of the Procfile."""
    programs = [PROGRAM.format(name=name, stop_seconds=STOP_SECONDS) for name in names]
    return "".join([HEAD, *programs, GROUP.format(names=",".join(names))])


class Supervisor:
    """A supervisord of our own, which ends its processes when this process dies."""

    def __init__(self, var: Path, names: Iterable[str], *, environment: Mapping[str, str]) -> None:
        """Prepare to run the Procfile's lines `names`; their logs go to `var/log`."""
        self._var = var
        self._names = list(names)
        self._environment = dict(environment)
        self._output = var / "log" / "supervisord.out"
        self._started = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def keep_alive(self) -> None:
        """Start all processes again if supervisord has ended.

        Raises `LaunchError` when it has ended as soon as it was started.
        """
        if not self._is_running():
            say("supervisord has ended and is started again.")
            self.start()

    def _is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start all processes, after ending those of a supervisord that was killed.

        Raises `LaunchError` when supervisord has ended as soon as it was started.
        """
        if self._process is not None and time.monotonic() - self._started < START_SECONDS:
            fault = last_lines(self._output, count=1) or f"exit code {self._process.returncode}"
            raise LaunchError(f"supervisord doesn't start: {fault}")
        self._started = time.monotonic()
        end_leftovers(self._var)
        shutil.rmtree(self._var / "run", ignore_errors=True)  # nobody has to wait for its turn
        (self._var / "log").mkdir(exist_ok=True)
        (self._var / METRICS).mkdir(parents=True)
        configuration = self._var / "supervisord.conf"
        configuration.write_text(supervisor_configuration(self._names), encoding="utf-8")
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", configuration.name]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own paths
                command,
                cwd=self._var,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # the terminal's Ctrl-C is for the launcher alone
                preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - only calls prctl
            )

    def stop(self, *, by: float) -> None:
        """End all processes, some time before the monotonic time `by`."""
        known: list[psutil.Process] = []
        leftovers_by = by - SECONDS_FOR_SERVERS
        if self._process is not None:
            known = descendants(self._process.pid)
            if self._is_running():
                supervisord = psutil.Process(self._process.pid)
                end_processes([supervisord], FAREWELLS, by=leftovers_by - SECONDS_FOR_LEFTOVERS)
            self._process.wait()
        # of a process, or a supervisord, that was killed in its last moments
        end_leftovers(self._var, known=known, by=leftovers_by)
