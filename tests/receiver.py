"""A real HTTP server for webhooks: keeps what it is sent, and answers as the path asks for."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

HANGS = 60


@dataclass(frozen=True)
class Received:
    """One request, as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        return json.loads(self.body)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified_by(self, secret: str) -> Any:
        """What the library of the scheme makes of it; raises where the signature is wrong."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """The server; `answer` may be replaced to answer one request in a way of its own.

    It gets the request's handler, and the number of the request, from 1 on.
    """

    port: int = 0
    address: str = "127.0.0.1"
    received: list[Received] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    answer: Callable[[BaseHTTPRequestHandler, int], None] | None = None
    let_go: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str = "/ok", host: str | None = None, scheme: str = "http") -> str:
        """Where it is found; another host than its own address may lead there, too."""
        own = f"[{self.address}]" if ":" in self.address else self.address
        return f"{scheme}://{host or own}:{self.port}{path}"

    def on(self, path: str) -> list[Received]:
        return [one for one in list(self.received) if one.path == path]

    def ids(self, path: str = "/ok") -> list[str]:
        return [one.id for one in self.on(path)]

    def note(self, received: Received) -> int:
        with self.lock:
            self.received.append(received)
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
            return len(self.received)

    def has_answered(self) -> None:
        with self.lock:
            self.under_way -= 1


@contextmanager
def receiving(tls: ssl.SSLContext | None = None, address: str = "127.0.0.1") -> Iterator[Receiver]:
    """Listen on a free port of this address until the end."""
    receiver = Receiver(address=address)

    class Handler(_Handler):
        of = receiver

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in address else socket.AF_INET

    server = Server((address, 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield receiver
    receiver.let_go.set()
    server.shutdown()
    server.server_close()
    thread.join()


class _Handler(BaseHTTPRequestHandler):
    of: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        number = self.of.note(Received(self.path, headers, body))
        try:
            self._answer(number)
        finally:
            self.of.has_answered()

    def _answer(self, number: int) -> None:
        kind = self.path.split("/")[1]
        if self.of.answer is not None:
            self.of.answer(self, number)
        elif kind == "hang":
            self.of.let_go.wait(HANGS)
        elif kind == "drip":
            self._drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 500)
        elif kind == "close":
            self.close_connection = True
        elif kind == "to-private":
            self.reply(302, Location=self.of.url("/never"))
        elif kind == "long":
            self.reply(200, b"x" * 10_000_000)
        else:
            self.reply(int(kind) if kind.isdigit() else 200)

    def reply(self, status: int, body: bytes = b"fine", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # whoever asked has heard enough

    def _drip(self, what: bytes) -> None:
        try:
            for number in range(len(what)):
                self.wfile.write(what[number : number + 1])
                time.sleep(0.05)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass
