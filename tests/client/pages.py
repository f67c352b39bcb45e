"""Pages on which thrive.js runs, in node: what they tell, and what their tab keeps."""

import json
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from app.settings import CHECKOUT, Settings
from app.tokens import issue_token
from tests.client.node import HOME, node
from tests.processes import until

MODULE = CHECKOUT / "app/web/static/thrive.js"


@dataclass
class Page:
    """One page; it lives as long as its script runs, its `stored` outlives it."""

    base_url: str
    script: str
    token: str
    stored: dict[str, str] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        given = {
            "baseUrl": self.base_url,
            "module": MODULE.as_uri(),
            "script": self.script,
            "stored": self.stored,
            "token": self.token,
        }
        self._popen = subprocess.Popen(
            [node(), str(HOME / "page.mjs"), json.dumps(given)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            told = json.loads(line)
            self.stored = told.get("stored", self.stored)
            self.lines.append(told)

    @property
    def progress(self) -> list[dict[str, Any]]:
        return [line["progress"] for line in self.lines if "progress" in line]

    def said(self, name: str) -> list[Any]:
        """What the script told by this name."""
        return [line[name] for line in self.lines if name in line]

    def await_progress(self, right: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """The first progress that is right."""
        return until(lambda: next(filter(right, list(self.progress)), None), 15, what)

    def await_status(self, status: str) -> dict[str, Any]:
        return self.await_progress(lambda told: told["status"] == status, status)

    def result(self) -> Any:
        """What the script returned."""
        assert self.outcome().keys() == {"result"}, self.lines
        return self.outcome()["result"]

    def error(self) -> Any:
        """What the script threw."""
        assert self.outcome().keys() == {"error"}, self.lines
        return self.outcome()["error"]

    def outcome(self) -> dict[str, Any]:
        self._popen.wait(40)
        self._reader.join(10)
        assert self._popen.stderr is not None
        if not self._popen.stderr.closed:
            assert self._popen.stderr.read() == ""
            self.close()
        return next(line for line in self.lines if {"result", "error"} & set(line))

    def close(self) -> None:
        """End it as a closed tab does, in the middle of whatever it does."""
        self._popen.kill()
        self._popen.wait(10)
        self._reader.join(10)
        for pipe in (self._popen.stdout, self._popen.stderr):
            assert pipe is not None
            pipe.close()


@dataclass
class Browser:
    """A student's browser: opens pages that use the server at a port, and ends them all."""

    settings: Settings
    user: int
    port: int
    pages: list[Page] = field(default_factory=list)

    def open(self, script: str, *, port: int | None = None, token: str | None = None) -> Page:
        """Run a script; it has `api`, `thrive` and `options`."""
        url = f"http://127.0.0.1:{port or self.port}/"
        self.pages.append(Page(url, script, token or self.token()))
        return self.pages[-1]

    def reload(self, page: Page, script: str, *, token: str | None = None) -> Page:
        """End a page at once; another one runs a script in the same tab."""
        page.close()
        self.pages.append(Page(page.base_url, script, token or page.token, page.stored))
        return self.pages[-1]

    def token(self, lasts: timedelta = timedelta(hours=1)) -> str:
        issued_at = datetime.now(UTC) - timedelta(minutes=10)
        return issue_token(self.settings, self.user, lasts + timedelta(minutes=10), issued_at)
