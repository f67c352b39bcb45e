"""Style sheets, scripts and pictures of the pages.

Their address changes with their content, so that browsers keep them for ever; under `current`
other sites find those of today (`docs/client.md`).
"""

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Response, send_from_directory

STATIC = Path(__file__).parent / "static"
A_YEAR = 31_536_000
"""In seconds."""


def register(pages: Blueprint) -> None:
    """Serve them below `/assets/`, and let templates name them by `asset`."""
    pages.add_url_rule("/assets/<version>/<path:name>", "asset", _send)
    pages.add_app_template_global(address, "asset")


def address(name: str) -> str:
    """The path of a file of `static`."""
    return f"/assets/{current_version()}/{name}"


@cache
def current_version() -> str:
    """Changes whenever a file of `static` does."""
    digest = sha256()
    for file in sorted(STATIC.rglob("*")):
        if file.is_file():
            digest.update(file.relative_to(STATIC).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def _send(version: str, name: str) -> Response:
    response = send_from_directory(STATIC, name)
    response.headers["Cache-Control"] = "public, no-cache"
    if version == current_version():
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response
