"""What a request costs at least: the load generator alone, “pong”, and submits nobody decides."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace

from benchmarks.failure import require
from benchmarks.http_client import CONNECTIONS, Pool
from benchmarks.installation import Installation
from benchmarks.requests import request_bytes
from benchmarks.scenarios.rushes import Rush, make_errands, spread
from benchmarks.school import found
from benchmarks.sizes import Sizes
from benchmarks.students import run
from benchmarks.synchronous_prefix import PONG
from benchmarks.usage import Usage
from benchmarks.ways import PRODUCT

OK, ACCEPTED = 200, 202


@dataclass(frozen=True)
class Answering:
    """How fast answers came, and what each cost the generator and the web server."""

    per_second: float
    generator_ms: float
    web_ms: float = 0.0


def generator_alone(sizes: Sizes) -> dict[str, float]:
    """Ask a server that answers from memory: how fast the generator is when nothing else is."""
    with _answering_server() as port:
        requests = [_pong()] * sizes.pongs
        return asdict(_ask_all(("127.0.0.1", port), requests, OK, Usage.from_now_on({})))


def pong(sizes: Sizes, installation: Installation) -> dict[str, float]:
    """Ask the product's server for what costs nothing but the server and Flask."""
    return _ask(installation, [_pong()] * sizes.pongs, OK, first=[_pong()] * CONNECTIONS)


def submits_alone(sizes: Sizes, installation: Installation) -> dict[str, float]:
    """Submit the spread's bookings where no worker runs, so that only submits are measured."""
    cold = replace(spread(sizes), students=sizes.warm_up)
    return _ask(
        installation,
        _submits(spread(sizes), installation),
        ACCEPTED,
        first=_submits(cold, installation),
    )


def _submits(wanted: Rush, installation: Installation) -> list[bytes]:
    school = wanted.school(next(installation.school_numbers))
    found(installation.engine, school)
    return [errand.submit for errand in make_errands(wanted, school, installation, PRODUCT)]


def _ask(
    installation: Installation, requests: list[bytes], status: int, *, first: list[bytes]
) -> dict[str, float]:
    """Send the requests and measure it; what comes `first` warms the server up."""
    installation.wait_until_quiet()
    address = installation.settings.host, installation.settings.port
    run(address, lambda pool: _all(pool, first, status))
    usage = Usage.from_now_on(installation.roots())
    return asdict(_ask_all(address, requests, status, usage))


def _ask_all(
    address: tuple[str, int], requests: list[bytes], status: int, usage: Usage
) -> Answering:
    seconds: float = run(address, lambda pool: _all(pool, requests, status))
    cpu, count = usage.cpu_seconds(), len(requests)
    return Answering(
        round(count / seconds, 1),
        round(cpu["generator"] * 1000 / count, 4),
        round(cpu.get("web", 0.0) * 1000 / count, 4),
    )


async def _all(pool: Pool, requests: list[bytes], status: int) -> float:
    """Send all requests on all connections; returns the seconds it took."""
    left = iter(requests)

    async def one_after_the_other() -> None:
        for request in left:
            answer = await pool.ask(request)
            require(answer.status == status, f"status {answer.status}: {answer.body!r}")

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(one_after_the_other())
    return time.monotonic() - began


def _pong() -> bytes:
    return request_bytes("GET", f"{PONG}/", (b"Host: localhost",))


@contextmanager
def _answering_server() -> Iterator[int]:
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.answering_server"], stdout=subprocess.PIPE
    ) as server:
        try:
            assert server.stdout is not None
            yield int(server.stdout.readline())
        finally:
            server.kill()
