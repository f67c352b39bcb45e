"""A way to the web server that loses requests or answers, and keeps what came along."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP_BY_HOP = {"connection", "transfer-encoding", "date", "server"}


@dataclass(frozen=True)
class Passed:
    """One request as it came from the client."""

    at: float
    method: str
    path: str
    headers: dict[str, str]

    @property
    def key(self) -> str | None:
        return self.headers.get("idempotency-key")


@dataclass
class UnsteadyNetwork:
    """The way; `faults` say what happens to the next requests, `always` what to all the others.

    `request`: it is lost before it arrives; `answer`: after it arrived; `half`: in the middle of
    the answer; `busy`: a balancer sends it away for a second; `page`: somebody else answers;
    `none`: nothing.
    """

    to_port: int
    faults: list[str] = field(default_factory=list)
    always: str | None = None
    drops: str | None = None
    """A header that doesn't arrive."""
    requests: list[Passed] = field(default_factory=list)
    port: int = 0

    @property
    def submits(self) -> list[Passed]:
        return [one for one in self.requests if one.method != "GET"]

    def next_fault(self) -> str | None:
        return self.faults.pop(0) if self.faults else self.always


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    network: UnsteadyNetwork

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        network = self.network
        network.requests.append(Passed(time.monotonic(), self.command, self.path, headers))
        fault = network.next_fault()
        if fault == "request":
            self._hang_up()
        elif fault == "busy":
            self._say(503, [("Retry-After", "1"), ("Content-Type", "text/html")], b"<p>Busy")
        elif fault == "page":
            self._say(200, [("Content-Type", "text/html")], b"<p>Sign in to the hotel")
        else:
            self._pass(headers, body, fault)

    do_POST = do_DELETE = do_GET  # noqa: N815 - the server's own names

    def _pass(self, headers: dict[str, str], body: bytes, fault: str | None) -> None:
        kept = {name: value for name, value in headers.items() if name != self.network.drops}
        server = http.client.HTTPConnection("127.0.0.1", self.network.to_port, timeout=40)
        try:
            server.request(self.command, self.path, body, kept)
            answer = server.getresponse()
            content = answer.read()
        finally:
            server.close()
        given = [one for one in answer.getheaders() if one[0].lower() not in HOP_BY_HOP]
        if fault == "answer":
            self._hang_up()
        elif fault == "half":
            self._say(answer.status, given, content[: len(content) // 2])
            self._hang_up()
        else:
            self._say(answer.status, given, content)

    def _say(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in headers) and status != 304:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _hang_up(self) -> None:
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def unsteady_network(
    to_port: int, *faults: str, always: str | None = None
) -> Iterator[UnsteadyNetwork]:
    """A network to the server at this port of this machine."""
    network = UnsteadyNetwork(to_port, list(faults), always)
    handler = type("Handler", (_Handler,), {"network": network})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    network.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield network
    server.shutdown()
    server.server_close()
    thread.join()
