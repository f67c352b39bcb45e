"""Chromium against the whole product, one of each a test process, started when first needed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from app.settings import Settings
from migrations.commands import upgrade
from models.connection import make_engine
from tests.browser.chromium import find_chromium, launch
from tests.browser.looks import Looks
from tests.browser.stack import Stack, start_stack
from tests.browser.window import Window
from tests.processes import Processes

LONGEST_MS = 15_000
"""Within it everything that a test waits for happens, also where the machine has much to do."""

expect.set_options(timeout=LONGEST_MS)

NewWindow = Callable[..., Window]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip where there is no browser: here, so that pytest makes one line of them all."""
    if "chromium" in getattr(item, "fixturenames", ()):
        find_chromium()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright, find_chromium())
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def stack(
    chromium: Browser,
    browser_database_url: str,
    session_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    engine = make_engine(browser_database_url, pool_size=4, application="thrive tests")
    upgrade(engine)
    settings = replace(session_settings, database_url=browser_database_url)
    processes = Processes(settings, tmp_path_factory.mktemp("browser"))
    try:
        yield start_stack(processes, engine)
    finally:
        processes.stop()
        engine.dispose()


@pytest.fixture
def open_window(chromium: Browser, stack: Stack) -> Iterator[NewWindow]:
    """Opens windows: `open_window(user_id, **options)`; options are a browser context's."""
    opened: list[Window] = []

    def open_one(user_id: int | None = None, **options: Any) -> Window:
        context = chromium.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
        context.set_default_timeout(LONGEST_MS)
        window = Window(context, context.new_page(), stack.address)
        opened.append(window)
        if user_id is not None:
            cookie = {"name": "thrive_token", "value": stack.token(user_id), "url": stack.address}
            context.add_cookies([cookie])
        return window

    yield open_one
    for window in opened:
        window.close()


@pytest.fixture
def looks(request: pytest.FixtureRequest) -> Looks:
    kept = request.config.getoption("screenshots"), request.config.getoption("docs_screenshots")
    return Looks(*(Path(directory) if directory else None for directory in kept))
