"""What a person who starts the product gets to read."""

import json
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from app.settings import Settings

READY_SECONDS = 60.0


def wait_for_web(settings: Settings, tick: Callable[[], None]) -> bool:
    """Wait until the web process says that it lives, at most a minute; False if it never does.

    `tick` is called between the tries.
    """
    deadline = time.monotonic() + READY_SECONDS
    while not _is_healthy(settings):
        if time.monotonic() > deadline:
            return False
        tick()
        time.sleep(0.2)
    return True


def _is_healthy(settings: Settings) -> bool:
    address = urlsplit(settings.local_url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def announcement(settings: Settings) -> str:
    """Return the addresses and demo logins."""
    lines = [
        "Thrive Booking is ready. Ctrl-C ends it; the data stay.",
        f"  Pages     {settings.public_url}/",
        f"  API docs  {settings.public_url}/api/docs",
        f"  Health    {settings.public_url}/readyz",
        f"  Flower    {settings.flower_url}/",
        f"  Logs      {settings.var / 'log'}",
    ]
    logins = _demo_logins(settings.var / "demo.json")
    if logins:
        lines += ["Demo logins:", *logins]
    lines.append("A token for one of them:  .venv/bin/flask --app app token --email EMAIL")
    return "\n".join(lines)


def _demo_logins(path: Path) -> list[str]:
    """Return a line for each person of the demo; none where the demo wasn't made."""
    try:
        people = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    width = max((len(person["email"]) for person in people), default=0)
    return [f"  {p['email']:{width}}  {p['role']:8}{p['name']}" for p in people]
