"""What every page has to be, in whatever state a test brought it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

from tests.browser.window import Window

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OF_LOOKS = ["color-contrast", "target-size", "scrollable-region-focusable"]
"""The rules that a smaller window and other colours may break."""
MOST_BYTES = 100_000
"""Of a page, with its style sheets and scripts, without its pictures."""
WIDTHS = (320, 768, 1280)
HEIGHT = 800

IN_DOCS = {
    "courses": (768, 1000),
    "dialog": (768, 760),
    "staff-sessions-one": (1024, 680),
    "staff-analytics": (1024, 1100),
}
"""Of which pages the docs show pictures, how wide and how high."""

COUNT_BYTES = """() => [
  ...performance.getEntriesByType("navigation"),
  ...performance.getEntriesByType("resource")
    .filter((one) => ["link", "css", "script"].includes(one.initiatorType)),
].reduce((sum, one) => sum + one.encodedBodySize, 0)"""
"""Also of what came from the browser's cache."""


@dataclass(frozen=True)
class Looks:
    """Looks at pages, and keeps pictures of them in `pictures`, unless that is None.

    Those that the docs show, and only those, are kept in `docs`, unless that is None.
    """

    pictures: Path | None
    docs: Path | None

    def check(self, window: Window, name: str) -> None:
        """Hold the page, in the state it is in, to what is promised of each."""
        page = window.page
        _show_in(page, 1280, "light")
        _find_no_barrier(page, name, {"type": "tag", "values": WCAG})
        _show_in(page, 320, "dark")
        _find_no_barrier(page, f"{name}, small and dark", {"type": "rule", "values": OF_LOOKS})
        assert _is_as_wide_as_its_window(page), f"{name} has to be scrolled sideways at 320 px"
        size = page.evaluate(COUNT_BYTES)
        assert 0 < size < MOST_BYTES, f"{name} takes {size} bytes"
        if self.pictures is not None:
            self._take_pictures(page, name)
        if self.docs is not None and name in IN_DOCS:
            width, height = IN_DOCS[name]
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme="light")
            page.screenshot(path=self.docs / f"{name}.png", caret="initial")
        _show_in(page, 1280, "light")

    def _take_pictures(self, page: Page, name: str) -> None:
        assert self.pictures is not None
        for width, scheme in (*((width, "light") for width in WIDTHS), (1280, "dark")):
            _show_in(page, width, scheme)
            page.screenshot(
                path=self.pictures / f"{name}-{width}-{scheme}.png", full_page=True, caret="initial"
            )


def _show_in(page: Page, width: int, scheme: Literal["light", "dark"]) -> None:
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.emulate_media(color_scheme=scheme)


def _find_no_barrier(page: Page, where: str, rules: dict[str, Any]) -> None:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found = AxeResults(page.evaluate("(options) => axe.run(document, options)", options))
    assert found.violations_count == 0, f"{where}: {found.generate_report()}"


def _is_as_wide_as_its_window(page: Page) -> bool:
    return page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
