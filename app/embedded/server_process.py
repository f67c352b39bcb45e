"""Starting a server's process, and finding one that an earlier run left behind."""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psutil

from app.embedded.account import Account
from app.embedded.parent_death import end_with_parent

LOG_BYTES = 5_000_000


class EmbeddedServerError(RuntimeError):
    """An embedded server can't be started; the text is for the person who wanted it."""


def start_server(
    command: Sequence[str | Path], *, directory: Path, log: Path, account: Account | None = None
) -> "subprocess.Popen[bytes]":
    """Start `command` in `directory`, under `account` where given, its output appended to `log`.

    It gets a session of its own, so that a Ctrl-C in the terminal doesn't reach it before its
    clients have ended, and SIGINT when this process dies.
    """
    _keep_log_small(log)
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - the command is made of our own paths
            command,
            cwd=directory,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},  # no PGDATA, PGOPTIONS ...
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=end_with_parent(signal.SIGINT),  # noqa: PLW1509 - only calls prctl
            **(account.as_popen_arguments() if account else {}),
        )


def _keep_log_small(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_name(log.name + ".1"))


def last_lines(log: Path, count: int = 5) -> str:
    """Return the last lines of a log, to be shown in an error."""
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 4000))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])


def servers_running_in(directory: Path, program: str) -> list[psutil.Process]:
    """Find processes of `program` whose current directory is `directory`.

    Both servers stay in their data directory. That tells ours from others surely: a pid file may
    name a process that got its number later, and both servers overwrite their command line.
    """
    found = []
    for process in psutil.process_iter():
        try:
            if process.name() == program and Path(process.cwd()) == directory.resolve():
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found
