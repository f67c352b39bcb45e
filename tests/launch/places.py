"""Runs real launchers on small Procfiles, each in a directory of its own."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from app.embedded import EmbeddedPostgres
from app.embedded.socket_directory import remove_socket_directory, socket_directory
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


NO_SERVERS = {"DATABASE_URL": "postgresql://u:p@db/thrive", "REDIS_URL": "redis://broker"}
"""Settings with which nothing but the Procfile's processes is started."""


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
        return self.start([sys.executable, "-m", "app.launch"], *arguments, **environment)

    def start(
        self, command: list[str], *arguments: str, **environment: str
    ) -> "subprocess.Popen[str]":
        """Run a command that becomes a launcher."""
        launcher = subprocess.Popen(
            [*command, "--procfile", self.directory / "Procfile", *arguments],
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
        return launcher, printed_until("A token", launcher)

    def processes(self) -> list[psutil.Process]:
        """Everything that was started here and still runs, launchers not counted."""
        return [process for process in psutil.process_iter() if self._belongs_here(process)]

    def _belongs_here(self, process: psutil.Process) -> bool:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            return is_alive(process) and (
                process.environ().get("THRIVE_RUN") == str(self.var)
                or Path(process.cwd()).is_relative_to(self.directory)
            )
        return False

    def end(self) -> None:
        """End what runs, and leave nothing behind."""
        try:
            for launcher in self.launchers:
                if launcher.poll() is None:
                    launcher.terminate()
                    launcher.communicate(timeout=15)
        finally:
            for process in self.processes():
                process.kill()
            for launcher in self.launchers:
                launcher.kill()
            EmbeddedPostgres(self.var / "postgres").remove()
            remove_socket_directory(socket_directory(self.var / "valkey"))


def printed_until(words: str, launcher: "subprocess.Popen[str]") -> str:
    """What a launcher printed up to the line that begins with these words."""
    assert launcher.stdout
    printed = ""
    for line in launcher.stdout:
        printed += line
        if line.startswith(words):
            return printed
    raise AssertionError(printed + launcher.communicate()[1])


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


def children_called(launcher: "subprocess.Popen[str]", words: str) -> list[psutil.Process]:
    """A launcher's descendants with these words in their command line."""
    children = psutil.Process(launcher.pid).children(recursive=True)
    return [child for child in children if words in words_of(child)]
