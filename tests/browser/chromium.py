"""The browser of the tests: Debian's Chromium, driven by Playwright; nothing is downloaded."""

import os
import shutil
from functools import cache

import pytest
from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",  # root, as in a container, has no other way
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


@cache
def find_chromium() -> str:
    """The path of its program; without it the test is skipped, or fails where nothing may be."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    line = f"BROWSER TESTS SKIPPED: none of {', '.join(NAMES)} is in the PATH"
    if os.environ.get("THRIVE_NOTHING_SKIPPED"):
        pytest.fail(line)
    pytest.skip(line)


def launch(playwright: Playwright, path: str) -> Browser:
    """One browser, for windows that share nothing."""
    return playwright.chromium.launch(executable_path=path, args=list(FLAGS))
