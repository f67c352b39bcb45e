"""What PostgreSQL and Valkey have in common as processes of ours."""

import math
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import psutil

from app.embedded.attention import Tick, pay_no_attention
from app.embedded.ending import Farewell, descendants, end_processes, end_together
from app.embedded.socket_directory import remove_socket_directory


class EmbeddedServer(ABC):
    """A server that this process starts and ends, on a socket in a directory of its own."""

    name: ClassVar[str]
    farewells: ClassVar[Sequence[Farewell]]

    def __init__(self) -> None:
        self._sockets: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's main process while it runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process else None

    @abstractmethod
    def start(self, *, tick: Tick = pay_no_attention) -> None:
        """Start the server and wait until it answers; one that runs is left alone.

        What an earlier run left behind is ended first. What `tick` raises ends the waiting; the
        server may run then. Raises `EmbeddedServerError`.
        """

    def stop(self, *, by: float = math.inf) -> None:
        """End the server within 10 seconds; when it isn't running nothing happens.

        At the monotonic time `by` it is killed at the latest.
        """
        stop_servers([self], by=by)

    def clean_up(self) -> None:
        """Forget the process, which has ended, and remove its sockets."""
        if self._process is not None:
            self._process.wait()
            self._process = None
        if self._sockets is not None:
            remove_socket_directory(self._sockets)

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


def stop_servers(servers: Sequence[EmbeddedServer], *, by: float = math.inf) -> None:
    """End all servers at the same time; at the monotonic time `by` they are killed."""
    running = [(server, pid) for server in servers if (pid := server.pid) is not None]
    children = [child for _, pid in running for child in descendants(pid)]
    end_together([(psutil.Process(pid), server.farewells) for server, pid in running], by=by)
    end_processes(children, ())  # those of a killed server; one that ended took its own along
    for server in servers:
        server.clean_up()
