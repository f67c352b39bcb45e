"""The module as it is served, and that nothing else of ours talks to the server."""

import http.client
import re

import pytest

from app.settings import CHECKOUT
from tests.client.conftest import Site
from tests.client.pages import MODULE

CALLING = re.compile(r"\bfetch\s*\(|XMLHttpRequest|sendBeacon|EventSource|WebSocket|\baxios\b")
IMPORTED = re.compile(r"""^(?:import|export|\}).* from ["'](.+?)["']""", re.MULTILINE)
LARGEST = 27_000
CALLS = MODULE.parent / "thrive/network.js"
FILES = [
    file
    for file in (CHECKOUT / "app").rglob("*")
    if file.suffix in {".js", ".mjs", ".html", ".jinja", ".svg"}
]


def modules() -> list[str]:
    """thrive.js and what it is made of, as addresses below /assets/current/."""
    parts = sorted((MODULE.parent / "thrive").glob("*.js"))
    return ["thrive.js", *(f"thrive/{part.name}" for part in parts)]


def test_nothing_but_the_client_talks_to_the_server() -> None:
    assert CALLS in FILES
    assert [file for file in FILES if CALLING.search(file.read_text())] == [CALLS]


def test_the_client_is_small_and_needs_nothing_else() -> None:
    files = [MODULE.parent / name for name in modules()]
    imported = {name for file in files for name in IMPORTED.findall(file.read_text())}

    assert {"./thrive/client.js", "./network.js"} <= imported
    assert all(name.startswith("./") for name in imported)
    assert sum(file.stat().st_size for file in files) < LARGEST


@pytest.mark.parametrize("name", modules())
def test_each_module_is_served_to_the_sites_listed(site: Site, name: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.web.port, timeout=10)
    answers = {}
    for origin in (site.other_origin, "https://evil.example"):
        connection.request("GET", f"/assets/current/{name}", headers={"Origin": origin})
        answer = connection.getresponse()
        answers[origin] = answer, answer.read()
    connection.close()
    (shared, content), (kept, _) = answers.values()

    assert shared.status == 200
    assert content == (MODULE.parent / name).read_bytes()
    assert shared.getheader("Content-Type", "").split(";")[0].endswith("/javascript")
    assert shared.getheader("Access-Control-Allow-Origin") == site.other_origin
    assert (shared.getheader("Cache-Control"), shared.getheader("Vary")) == (
        *("public, no-cache", "Origin"),
    )
    assert shared.getheader("ETag")
    assert kept.getheader("Access-Control-Allow-Origin") is None
