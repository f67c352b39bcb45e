"""What only a real server shows: chunked bodies, doubled headers, several processes."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

CHECKOUT = Path(__file__).parents[3]
GOOD = b'{"courseStepOptionId":7}'
MIB = 1024 * 1024

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Server:
    """Granian with two worker processes on the probe application."""

    port: int
    process: psutil.Process

    def send(self, request: Iterable[bytes], *, half_close: bool = False) -> Answer:
        """Send raw bytes, as far as the server takes them, and read one answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            try:
                for part in request:
                    connection.sendall(part)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has answered and doesn't want the rest
            return read_answer(connection)

    def post(self, *headers: bytes, body: bytes = GOOD, path: bytes = b"/api/probe/body") -> Answer:
        length = b"Content-Length: %d" % len(body)
        return self.send([head(b"POST", path, length, *headers), body])

    def memory(self) -> int:
        """Bytes that the worker processes hold."""
        return sum(child.memory_info().rss for child in self.process.children(recursive=True))


def head(method: bytes, path: bytes, *headers: bytes) -> bytes:
    lines = [method + b" " + path + b" HTTP/1.1", b"Host: localhost", *headers]
    if not any(line.lower().startswith(b"content-type") for line in headers):
        lines.append(b"Content-Type: application/json")
    return b"\r\n".join(lines) + b"\r\n\r\n"


def read_answer(connection: socket.socket) -> Answer:
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    return answer.status, headers, answer.read()


def chunked(parts: Iterable[bytes]) -> Iterator[bytes]:
    for part in parts:
        yield b"%x\r\n%s\r\n" % (len(part), part)
    yield b"0\r\n\r\n"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    port = free_port()
    counts = tmp_path_factory.mktemp("metrics")
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "2", "--blocking-threads", "4", "--no-ws"]
    environ = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(CHECKOUT), str(Path(__file__).parent)]),
        "PROMETHEUS_MULTIPROC_DIR": str(counts),
    }
    with (counts / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, "probe_server:application"],
            env=environ,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_up(port)
        yield Server(port, psutil.Process(process.pid))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def wait_until_up(port: int) -> None:
    for _ in range(200):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", "/healthz")
            assert connection.getresponse().status == 200
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the server didn't start")


CHUNKED = b"Transfer-Encoding: chunked"


def test_a_chunked_body_is_read(server: Server) -> None:
    request = [head(b"POST", b"/api/probe/body", CHUNKED), *chunked([GOOD[:9], GOOD[9:]])]

    assert server.send(request)[0] == 200


def test_a_chunked_body_is_judged_like_any_other(server: Server) -> None:
    for body, header, status in (
        (b"{", CHUNKED, 400),
        (GOOD, CHUNKED + b"\r\nContent-Type: text/plain", 415),
    ):
        request = [head(b"POST", b"/api/probe/body", header), *chunked([body])]
        assert server.send(request)[0] == status


def test_an_empty_chunked_body_is_no_body(server: Server) -> None:
    for method, status in ((b"POST", 400), (b"DELETE", 200)):
        answer = server.send([head(method, b"/api/probe/body", CHUNKED), *chunked([])])
        assert answer[0] == status


def test_a_chunked_body_over_64_kib_is_a_413(server: Server) -> None:
    parts = [b" " * 1024] * 64
    fits = server.send([head(b"POST", b"/api/probe/body", CHUNKED), *chunked(parts)])
    over = server.send([head(b"POST", b"/api/probe/body", CHUNKED), *chunked([*parts, b" "])])

    assert fits[0] == 400  # 64 KiB of blanks are read, and no JSON
    assert over[0] == 413
    assert over[1]["content-type"] == "application/problem+json"


def test_200_mb_are_a_413_and_memory_stays_flat_announced_or_chunked(server: Server) -> None:
    server.post()
    before = server.memory()
    parts = [b"x" * MIB] * 200
    announced = b"Content-Length: %d" % (200 * MIB)
    statuses = [
        server.send([head(b"POST", b"/api/probe/body", announced), *parts])[0],
        server.send([head(b"POST", b"/api/probe/body", CHUNKED), *chunked(parts)])[0],
    ]

    assert statuses == [413, 413]
    # the server reads 16 MiB of each before it gives up on the rest
    assert server.memory() - before < 40 * MIB


@pytest.mark.parametrize("chunked_body", [False, True])
def test_who_sends_10_mb_before_looking_at_the_answer_gets_to_read_it(
    server: Server, *, chunked_body: bool
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    parts = iter([b" " * MIB] * 10)
    headers = {} if chunked_body else {"Content-Length": str(10 * MIB)}
    for method, path, status in (("POST", "/api/probe/body", 413), ("PUT", "/healthz", 405)):
        sent = parts if status == 413 else iter([GOOD])
        given = headers if status == 413 else {"Content-Length": str(len(GOOD))}
        connection.request(method, path, sent, given, encode_chunked="Content-Length" not in given)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["status"]) == (status, status)
    connection.close()


def test_a_body_nobody_asked_for_is_no_larger_than_others(server: Server) -> None:
    large = b"x" * (64 * 1024 + 1)
    length = b"Content-Length: %d" % len(large)
    for path in (b"/healthz", b"/api/mine/whoami"):
        assert server.send([head(b"GET", path, length), large])[0] == 413


def test_a_body_that_breaks_off_is_not_acted_upon(server: Server) -> None:
    longer = b"Content-Length: %d" % (len(GOOD) + 1)
    request = [head(b"POST", b"/api/probe/body", longer), GOOD]
    try:
        status = server.send(request, half_close=True)[0]
    except http.client.RemoteDisconnected:
        status = 400  # the server hung up, which says the same

    assert status == 400


@pytest.mark.parametrize("header", [b"Content-Length: -1", b"Content-Length: x"])
def test_a_length_that_is_none_is_a_4xx(server: Server, header: bytes) -> None:
    assert 400 <= server.send([head(b"POST", b"/api/probe/body", header), GOOD])[0] < 500


def test_headers_of_64_kib_and_of_1_mib_are_a_4xx(server: Server) -> None:
    for size in (64 * 1024, MIB):
        request = head(b"GET", b"/healthz", b"X-Big: " + b"y" * size)
        assert 400 <= server.send([request])[0] < 500


def test_a_method_that_is_not_allowed_is_a_405_with_allow(server: Server) -> None:
    status, headers, body = server.send([head(b"PUT", b"/api/probe/body")])

    assert (status, headers["allow"]) == (405, "DELETE, OPTIONS, POST")
    assert b'"code": "method_not_allowed"' in body


KEY = b"Idempotency-Key: "


@pytest.mark.parametrize(
    "headers",
    [
        [KEY + b"a", KEY + b"b"],
        [KEY],
        [KEY + b"x" * 256],
        [KEY + b"a b"],
        [KEY + b"a,b"],
        [KEY + "é".encode()],
        [KEY + b"\xe9"],
        [KEY + b"a\x01b"],
        [KEY + b"a\x00b"],
    ],
)
def test_a_key_that_is_doubled_or_malformed_is_a_400(server: Server, headers: list[bytes]) -> None:
    assert server.post(*headers, path=b"/api/probe/key")[0] == 400


def test_a_good_key_arrives(server: Server) -> None:
    status, _, body = server.post(KEY + b"k-1", path=b"/api/probe/key")

    assert (status, b'"k-1"' in body) == (200, True)


def test_two_content_types_are_a_415(server: Server) -> None:
    answer = server.post(b"Content-Type: text/plain", b"Content-Type: application/json")

    assert answer[0] == 415


@pytest.mark.parametrize("path", [b"/api/probe/packages/%00", b"/%ff", b"/\xff", b"/api/%2e%2e/x"])
def test_a_strange_path_is_a_4xx(server: Server, path: bytes) -> None:
    assert 400 <= server.send([head(b"GET", path)])[0] < 500


def test_the_connection_survives_an_error_that_read_the_body(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        statuses = []
        for body in (b"{", GOOD):
            length = b"Content-Length: %d" % len(body)
            connection.sendall(head(b"POST", b"/api/probe/body", length) + body)
            statuses.append(read_answer(connection)[0])

    assert statuses == [400, 200]


def test_metrics_are_those_of_all_processes_whichever_answers(server: Server) -> None:
    def counted() -> float:
        text = server.send([head(b"GET", b"/metrics")])[2].decode()
        pattern = r'thrive_http_requests_total{.*route="/api/probe/slow".*} ([0-9.]+)'
        found = re.search(pattern, text)
        return float(found[1]) if found else 0.0

    before = counted()
    for _ in range(12):
        server.send([head(b"GET", b"/api/probe/slow")])

    assert {counted() - before for _ in range(8)} == {12.0}
