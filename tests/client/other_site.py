"""Another site with one page, and a real browser that opens it."""

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

from tests.client.node import miss


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


@contextmanager
def served(page: str, port: int) -> Iterator[OtherSite]:
    """The site at a port; its page tells by a beacon to `/told`."""
    other = OtherSite(page)
    handler = type("Handler", (_Handler,), {"site": other})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
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
