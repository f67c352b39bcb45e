"""A page of another site, in a real browser: it may use thrive.js where CORS_ORIGINS lists it."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.client.conftest import Site, Student
from tests.client.node import miss
from tests.processes import until
from tests.school import Course

PAGE = """<!doctype html><title>Another site</title>
<script type="module">
const tell = (what) => navigator.sendBeacon("/told", JSON.stringify(what));
try {
  const { ThriveClient } = await import("%(module)s");
  const thrive = new ThriveClient({ token: "%(token)s" });
  tell(await thrive.bookCourseStepSession(%(choice)s));
} catch (error) {
  tell({ error: String(error) });
}
</script>"""


@dataclass
class OtherSite:
    """Its only page, and what that told."""

    page: str
    told: list[Any] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    site: OtherSite

    def do_GET(self) -> None:
        self._answer(self.site.page.encode() if self.path == "/page" else b"")

    def do_POST(self) -> None:
        self.site.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer(b"")

    def _answer(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def other_site(site: Site, student: Student, course: Course) -> Iterator[OtherSite]:
    words = {
        "module": f"http://127.0.0.1:{site.web.port}/assets/current/thrive.js",
        "token": student.browser.token(),
        "choice": student.choice(course),
    }
    other = OtherSite(PAGE % words)
    handler = type("Handler", (_Handler,), {"site": other})
    server = ThreadingHTTPServer(("127.0.0.1", site.other_port), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield other
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def chromium(url: str, home: Path) -> Iterator[None]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        miss("there is no chromium")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={home}"]
    with (home / "log").open("w") as log:
        popen = subprocess.Popen([program, *options, url], stdout=log, stderr=log)
    try:
        yield
    finally:
        popen.terminate()
        popen.wait(20)


def test_a_listed_site_books_with_its_own_token(
    site: Site, other_site: OtherSite, tmp_path: Path
) -> None:
    with chromium(f"{site.other_origin}/page", tmp_path):
        until(lambda: other_site.told, 30, "the booking")

    (told,) = other_site.told
    assert told["progress"]["status"] == "BOOKED"


def test_a_site_that_is_not_listed_does_not_even_get_the_module(
    site: Site, other_site: OtherSite, tmp_path: Path
) -> None:
    # the same server by another name is another origin
    with chromium(f"http://localhost:{site.other_port}/page", tmp_path):
        until(lambda: other_site.told, 30, "the fault")

    (told,) = other_site.told
    assert "dynamically imported module" in told["error"]
