"""Thrive Booking's edge: HTTP, the command line, settings and the processes around them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.api.collaborators import Runtime
    from app.settings import Settings


def create_app(settings: "Settings | None" = None, runtime: "Runtime | None" = None) -> "Flask":
    """Build the web application with its commands; `flask --app app` finds it here.

    Without `settings` they are read from the environment, which raises `InvalidSetting`; within a
    command it ends with one line, and a missing server is missed only by what reaches for it.
    Nothing is connected yet: `runtime` connects at first use, in the process that serves.
    """
    from app.cli import register  # noqa: PLC0415 - the launcher needs no web framework
    from app.factory import build_app  # noqa: PLC0415 - as above
    from app.reading_settings import read_settings  # noqa: PLC0415 - as above

    app = build_app(settings or read_settings(), runtime)
    register(app)
    return app
