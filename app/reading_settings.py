"""Reads the settings for whoever makes the application: a web server, or the command line."""

from dataclasses import fields
from typing import Any

import click

from app.cli.failures import Failure
from app.settings import InvalidSetting, Settings, load_settings

SERVING = "run"
"""Flask's own command that answers requests: a web server, which needs all that one needs."""

_SERVERS = {
    "database_url": ("DATABASE_URL", "postgresql://user:password@host/thrive"),
    "broker_url": ("REDIS_URL", "redis://host:6379/0"),
}


class CommandSettings(Settings):
    """Settings of which a server may be missing until something reaches for it.

    Reading the URL of a server that is neither set nor running here ends the command with one
    line; a command that needs no server never notices.
    """

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        """Return what is set; raises `Failure` instead of handing out an empty URL."""
        value = super().__getattribute__(name)
        if name in _SERVERS and not value:
            variable, example = _SERVERS[name]
            raise Failure(f"Thrive Booking: {_missing(variable, example)}")
        return value


def _missing(variable: str, example: str) -> InvalidSetting:
    fault = "is not set and no embedded server is running here: start `make run` beside this"
    return InvalidSetting(variable, f"{fault}, or set it", example=example)


def read_settings() -> Settings:
    """Return the settings; raises `InvalidSetting`, also where a server is missing.

    Within a command it is `CommandSettings`, and a wrong setting ends the command with one line.
    """
    context = click.get_current_context(silent=True)
    if context is None:
        return load_settings()
    try:
        if context.info_name == SERVING:
            return load_settings()
        found = load_settings(servers_required=False)
    except InvalidSetting as error:
        # any other exception, `flask --help` would show with its traceback
        raise SystemExit(f"Thrive Booking: {error}") from None
    return CommandSettings(**{field.name: getattr(found, field.name) for field in fields(found)})
