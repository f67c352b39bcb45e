"""Somebody's browser window, which notes everything that went wrong in it."""

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    WebError,
)

TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => console.error(
  `against the content security policy: ${event.violatedDirective} ${event.blockedURI}`));
"""
LEFT_BY_READER = "net::ERR_ABORTED"
"""What was being fetched when the reader went on to another page."""


@dataclass
class Window:
    """A page of a context of its own. `faults` are what a reader's console would show in red."""

    context: BrowserContext
    page: Page
    address: str
    faults: list[str] = field(default_factory=list)
    declared: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.add_init_script(TELL_VIOLATIONS)
        self.context.on("console", self._note_message)
        self.context.on("weberror", self._note_error)
        self.context.on("requestfailed", self._note_failure)
        self.context.on("response", self._note_answer)

    def expects_fault(self, pattern: str) -> None:
        """Declare that something goes wrong in this test: it has to, and may."""
        self.declared.append(pattern)

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def press(self, name: str, *, exact: bool = False) -> None:
        """Press the first button or link whose name has these words."""
        page = self.page
        button = page.get_by_role("button", name=name, exact=exact)
        button.or_(page.get_by_role("link", name=name, exact=exact)).first.click()

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def close(self) -> None:
        """End it; fails when something went wrong that the test didn't declare."""
        self.context.close()
        undeclared = [
            fault
            for fault in self.faults
            if not any(re.search(pattern, fault) for pattern in self.declared)
        ]
        assert undeclared == []
        for pattern in self.declared:
            assert any(re.search(pattern, fault) for fault in self.faults), pattern

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console: {message.text} ({_place(message.location)})")

    def _note_error(self, error: WebError) -> None:
        self.faults.append(f"error: {error.error}")

    def _note_failure(self, request: Request) -> None:
        if request.failure != LEFT_BY_READER:
            self.faults.append(f"failed: {request.method} {request.url} {request.failure}")

    def _note_answer(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(
                f"answer: {response.status} {response.request.method} {response.url}"
            )


def _place(location: Any) -> str:
    return f"{location['url']}:{location['lineNumber']}"
