"""Reads the settings for the web server and for the command line."""

from typing import Any

import click

from app.settings import InvalidSetting, Settings, load_settings

USAGE = 2


class WrongSetting(click.ClickException):
    """A setting that a command can't start with."""

    exit_code = USAGE

    def show(self, file: Any = None) -> None:
        """Print the one line alone."""
        click.echo(f"Thrive Booking: {self.message}", file=file, err=True)


def read_settings() -> Settings:
    """The settings; raises InvalidSetting, which a command turns into one line and exit code 2."""
    try:
        return load_settings()
    except InvalidSetting as error:
        if click.get_current_context(silent=True) is None:
            raise
        raise WrongSetting(str(error)) from None
