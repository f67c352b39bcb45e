"""The environment as a source of settings, with a reader for each kind of value."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from app import setting_values as values
from app.invalid_setting import InvalidSetting

CHECKOUT = Path(__file__).resolve().parent.parent
"""Relative paths in settings start here."""

Value = TypeVar("Value")


class SettingSource:
    """Variables by name; an empty one is unset. Readers raise `InvalidSetting`."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str) -> str:
        """Return the variable's text without blanks around it; '' when unset."""
        value = self._environ.get(name, "").strip()
        if re.search(r"[\x00-\x1f\x7f]", value):
            raise InvalidSetting(name, "has control characters or line breaks in it")
        return value

    def read(self, name: str, reader: Callable[[str, str], Value]) -> Value | None:
        """Return what `reader` makes of the variable's text; None when unset."""
        text = self.text(name)
        return reader(name, text) if text else None

    def host(self, name: str) -> str:
        """Return a host to listen on; loopback when unset."""
        return values.host(name, self.text(name) or "127.0.0.1")

    def port(self, name: str, default: str) -> int:
        """Return a TCP port."""
        return values.port(name, self.text(name) or default, example=default)

    def hours(self, name: str, default: str) -> timedelta:
        """Return a length of time that is given in hours."""
        return values.hours(name, self.text(name) or default, example=default)

    def web_address(self, name: str) -> str | None:
        """Return an http or https URL; None when unset."""
        reader = partial(values.web_address, example="https://booking.school.example")
        return self.read(name, reader)

    def existing_file(self, name: str) -> Path | None:
        """Return the path of a file that is there; None when unset."""
        text = self.text(name)
        if not text:
            return None
        path = CHECKOUT / Path(text).expanduser()
        if not path.is_file():
            raise InvalidSetting(name, f"is {text!r}, and there is no such file")
        return path
