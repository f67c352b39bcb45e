"""Runs real launchers on small Procfiles, each in a directory of its own."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from app.embedded.postgres_home import outside_directory
from app.settings import CHECKOUT
from tests.processes import free_port

WEB = """\
import http.server, os
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()
    def log_message(self, *words):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""


class Place:
    """A directory with a Procfile and a var directory, and the launchers that ran there."""

    def __init__(self, directory: Path) -> None:
        self.var = directory / "var"
        self.directory = directory
        self.environment = {
            **os.environ,
            "VAR_DIR": str(self.var),
            "PORT": str(free_port()),
            "FLOWER_PORT": str(free_port()),
            "DATABASE_URL": "",  # set, so that nobody's .env comes in
            "REDIS_URL": "",
        }
        self.launchers: list[subprocess.Popen[str]] = []
        (directory / "web.py").write_text(WEB)

    def write_procfile(self, *lines: str) -> None:
        (self.directory / "Procfile").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def launch(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "app.launch", "--procfile", self.directory / "Procfile"]
        launcher = subprocess.Popen(
            [*command, *arguments],
            cwd=CHECKOUT,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.launchers.append(launcher)
        return launcher

    def launch_until_ready(self) -> "tuple[subprocess.Popen[str], str]":
        """Start, and return the launcher with all that it printed until it was ready."""
        launcher = self.launch()
        assert launcher.stdout
        printed = ""
        for line in launcher.stdout:
            printed += line
            if line.startswith("A token"):
                return launcher, printed
        raise AssertionError(printed + launcher.communicate()[1])

    def end(self) -> None:
        for launcher in self.launchers:
            if launcher.poll() is None:
                launcher.send_signal(signal.SIGTERM)
                launcher.communicate(timeout=15)
        outside = outside_directory(self.var / "postgres")
        assert not outside.exists(), "the place lets every user pass"


def tree_of(launcher: "subprocess.Popen[str]") -> list[psutil.Process]:
    process = psutil.Process(launcher.pid)
    return [process, *process.children(recursive=True)]


# Processes start and end while a test looks at them: one that has just ended is nobody's.


def name_of(process: psutil.Process) -> str:
    with suppress(psutil.NoSuchProcess):
        return process.name()
    return ""


def words_of(process: psutil.Process) -> str:
    """Its command line."""
    with suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return ""


def environment_of(process: psutil.Process) -> dict[str, str]:
    with suppress(psutil.NoSuchProcess):
        return process.environ()
    return {}


def is_server(process: psutil.Process) -> bool:
    """Whether it is an embedded server, which runs as another user and hides its environment."""
    return name_of(process) in ("postgres", "valkey-server")


def is_alive(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if is_alive(process)]
