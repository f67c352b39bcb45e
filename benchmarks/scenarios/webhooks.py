"""The spread without endpoints, and with three: one is well, one fails, one hangs."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from app.settings import CHECKOUT
from benchmarks.failure import require
from benchmarks.figures import Figures
from benchmarks.installation import Installation
from benchmarks.measuring import SECONDS_A_MAIL
from benchmarks.outcome import number
from benchmarks.scenarios.rushes import Rush, run_rush, spread
from benchmarks.sizes import Sizes
from benchmarks.waiting import until
from models.auditing import Actor
from models.webhook_endpoints import create_endpoint

NONE = "no endpoint"
THREE = "three, two of them ill"
PATHS = ("/well", "/ill", "/hang")
ARRIVING_SECONDS = 120
"""How long the events may take to arrive where all is well, and more by their number."""


def run_webhooks(sizes: Sizes, installation: Installation) -> list[Figures]:
    """Measure the spread without endpoints and with three; the good one gets each event once."""
    without = run_rush(_rush(sizes), installation, NONE)
    with _receiving() as port:
        first = number(installation.engine, "SELECT coalesce(max(position), 0) FROM event_log")
        _register(installation, port)
        beside = run_rush(_rush(sizes), installation, THREE)
        _check_arrival(installation, port, first)
    return [without, beside]


def _rush(sizes: Sizes) -> Rush:
    return replace(spread(sizes), name="webhooks")


@contextmanager
def _receiving() -> Iterator[int]:
    """Run the server that events are sent to; yields its port."""
    command = [sys.executable, "-m", "benchmarks.webhook_server"]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield int(server.stdout.readline())
        finally:
            server.kill()


def _register(installation: Installation, port: int) -> None:
    staff = Actor(None, "127.0.0.1", datetime.now(UTC))
    with installation.engine.begin() as db:
        for path in PATHS:
            create_endpoint(db, f"http://127.0.0.1:{port}{path}", None, staff)


def _check_arrival(installation: Installation, port: int, first: int) -> None:
    """Require that what happened since that position arrived once, and only where all is well."""
    engine = installation.engine
    of_path = (
        "SELECT count(*) FROM webhook_delivery AS delivery"
        " JOIN webhook_endpoint AS endpoint ON endpoint.id = webhook_endpoint_id"
        " WHERE url LIKE '%' || :path AND {}"
    )
    events = number(engine, "SELECT count(*) FROM event_log WHERE position > :first", first=first)
    arrived = of_path.format("delivery.status = 'DELIVERED'")
    until(
        lambda: number(engine, arrived, path="/well") == events,
        ARRIVING_SECONDS + SECONDS_A_MAIL * events,
        "the arrival of all events",
        every=0.2,
    )
    counts = _counts(port)
    require(counts == {"requests": events, "ids": events}, f"{counts} for {events} events")
    for path in PATHS[1:]:
        require(number(engine, arrived, path=path) == 0, f"something arrived at {path}")
        tried = number(engine, of_path.format("delivery.attempts > 0"), path=path)
        require(tried > 0, f"nothing was tried at {path}")


def _counts(port: int) -> object:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/counts")
    return json.loads(connection.getresponse().read())
