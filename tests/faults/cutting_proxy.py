"""Ways to the database: one that is cut in the middle of a COMMIT, one as through a pooler."""

import contextlib
import socket
import threading
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

SOCKET = ".s.PGSQL.5432"
DECISION = b"UPDATE booking_job SET"
BACKEND_KEY = b"K\x00\x00\x00\x0c"
"""How the server's message begins that tells a client its process and secret."""


class PassingProxy:
    """Passes bytes between clients and a server, both on Unix sockets."""

    def __init__(self, url: str, directory: Path) -> None:
        self._url, self._directory = url, directory
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(directory / SOCKET))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The same database, by way of this proxy."""
        there = quote(self._server_directory(), safe="")
        return self._url.replace(there, quote(str(self._directory), safe=""))

    def close(self) -> None:
        self._listener.close()

    def _server_directory(self) -> str:
        return parse_qs(urlsplit(self._url).query)["host"][0]

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{self._server_directory()}/{SOCKET}")
        back = threading.Thread(target=self._answer, args=(server, client), daemon=True)
        with client, contextlib.suppress(OSError):
            back.start()
            self._ask(client, server)
        # an orderly end: the server finishes what it was asked first
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_WR)
        back.join(5)
        server.close()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        while data := client.recv(65536):
            server.sendall(data)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)


class CuttingProxy(PassingProxy):
    """Cuts the connection that commits a decision: after the server has done it, and before the
    client hears of that. Once; from then on it passes everything.
    """

    cuts = 0

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        decides = False
        while data := client.recv(65536):
            decides = decides or DECISION in data
            if b"COMMIT" in data and decides and not self.cuts:
                self.cuts += 1
                # whatever the server answers is not heard any more
                client.shutdown(socket.SHUT_WR)
                server.sendall(data)
                break
            server.sendall(data)


class PoolerKeys(PassingProxy):
    """Gives clients a key for cancelling that is its own, as a connection pooler does."""

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                head, key, rest = data.partition(BACKEND_KEY)
                client.sendall(head + key + (bytes(4) + rest[4:] if key else b""))
