"""The environment as a source of settings, with a reader for each kind of value."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TypeVar

from dotenv import load_dotenv
from dotenv.parser import Binding, parse_stream

from app import setting_values as values
from app.invalid_setting import InvalidSetting

CHECKOUT = Path(__file__).resolve().parent.parent
"""Relative paths in settings start here."""

Value = TypeVar("Value")


def read_dotenv(file: Path) -> None:
    """Put what the file sets into the environment, for this process and its children.

    What is set already wins. Nothing happens when there is no such file; raises `InvalidSetting`
    for one that can't be read.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSetting(str(file), f"can't be read: {type(error).__name__}") from None
    for binding in parse_stream(StringIO(text)):
        _refuse_what_sets_nothing(file, binding)
    load_dotenv(stream=StringIO(text))


def _refuse_what_sets_nothing(file: Path, binding: Binding) -> None:
    """Raise for a part of the file that would be passed over; its text may hold a password."""
    text, line = binding.original
    is_blank = binding.key is None and not binding.error
    if is_blank or (binding.value is not None and "\0" not in binding.value):
        return
    line += len(text[: -len(text.lstrip())].splitlines())
    raise InvalidSetting(f"{file}, line {line},", "is not of the form NAME=value")


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
