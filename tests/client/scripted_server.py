"""A server that answers a request with the bytes that a test hands it, however wrong."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[[int], Iterable[bytes]]
"""What is written, piece by piece, as the answer to the request of a number; the first is 0."""


@dataclass
class ScriptedServer:
    """The server, and what it was asked when."""

    script: Script
    asked_at: list[float] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    address: str = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    scripted: ScriptedServer

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        number = len(self.scripted.asked_at)
        self.scripted.asked_at.append(time.monotonic())
        self.scripted.paths.append(self.path)
        with suppress(OSError):  # the client has had enough
            for piece in self.scripted.script(number):
                self.wfile.write(piece)

    do_POST = do_DELETE = do_GET  # noqa: N815 - the server's own names

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def scripted_server(script: Script) -> Iterator[ScriptedServer]:
    """A server at a port of this machine."""
    scripted = ScriptedServer(script)
    handler = type("Handler", (_Handler,), {"scripted": scripted})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    scripted.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield scripted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(status: int, body: Any, **headers: str) -> list[bytes]:
    """An answer in one piece; what isn't bytes is JSON. `Retry_After` is `Retry-After`."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in head.items()]
    return [f"HTTP/1.1 {status} X\r\n{''.join(lines)}\r\n".encode() + content]


def job(status: str, **others: Any) -> dict[str, Any]:
    """A job as the API tells it."""
    said = {"id": "01a2", "kind": "BOOK_STEP", "status": status, "pollAfterMs": 100}
    return {**said, "result": None, "error": None, **others}
