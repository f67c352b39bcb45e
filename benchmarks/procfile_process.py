"""One line of the Procfile as a running process, with the log that it writes."""

import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.embedded.ending import descendants, end_together
from app.embedded.parent_death import end_with_parent
from app.embedded.server_process import last_lines
from app.settings import CHECKOUT


@dataclass(frozen=True)
class ProcfileProcess:
    """A process that was started, and the file that its output goes to."""

    name: str
    popen: "subprocess.Popen[bytes]"
    log: Path

    @property
    def pid(self) -> int:
        """The process itself, which may have children."""
        return self.popen.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.popen.poll() is None

    def said(self, *words: str) -> int:
        """How many lines of its output have all of these words."""
        with self.log.open(errors="replace") as lines:
            return sum(all(word in line for word in words) for line in lines)

    def last_lines(self) -> str:
        """Return what it said last, for whoever looks for a fault."""
        return last_lines(self.log, count=20)


def start_process(
    name: str, command: str, environ: dict[str, str], directory: Path
) -> ProcfileProcess:
    """Run a line as `make run` does: by a shell, from the checkout; it ends with us."""
    log = directory / f"{name}.log"
    with log.open("wb") as output:
        popen = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            cwd=CHECKOUT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # the terminal's Ctrl-C is for us alone
            preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - only calls prctl
        )
    return ProcfileProcess(name, popen, log)


def end_all(processes: list[ProcfileProcess]) -> None:
    """Kill these processes and their children, all at the same time: nothing has to be kept."""
    children = [child for one in processes for child in descendants(one.pid)]
    roots = [psutil.Process(one.pid) for one in processes if one.is_alive]
    end_together([(process, ()) for process in (*roots, *children)])
    for one in processes:
        one.popen.wait()
