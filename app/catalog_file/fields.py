"""Takes an object of the file apart field by field and collects what is wrong."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from app.catalog_file.document import RepeatedKeys
from app.catalog_file.values import Reader, WrongValue
from models.importing.fault import Fault

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")


class Field(NamedTuple):
    """How to read one field; an optional one has a default for when it is absent or null."""

    reader: Reader
    required: bool = True
    default: Any = None


Fields = Mapping[str, Field]


def optional(reader: Reader, default: Any = None) -> Field:
    """Describe a field that may be absent."""
    return Field(reader, required=False, default=default)


class FieldReader:
    """Reads objects and lists, and keeps the faults it came by in `faults`."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def read(self, path: str, value: Any, fields: Fields, *, lists: tuple[str, ...] = ()) -> Any:
        """Return the values of `fields` in an object, None for faulty ones; or None if it is none.

        `lists` are further keys that the object may have.
        """
        if not isinstance(value, dict):
            self.faults.append(Fault(path, "must be an object"))
            return None
        self._check_keys(path, value, {*fields, *lists})
        return {name: self._one(path, value, name, field) for name, field in fields.items()}

    def items(self, path: str, owner: Any, key: str) -> Iterator[tuple[str, Any]]:
        """Yield the items of the list under `key` with their paths; none if it is absent."""
        value = owner.get(key) if isinstance(owner, dict) else None
        if value is None:
            return
        if not isinstance(value, list):
            self.faults.append(Fault(f"{path}.{key}", "must be a list"))
            return
        for place, item in enumerate(value):
            yield f"{path}.{key}[{place}]", item

    def _check_keys(self, path: str, value: dict[str, Any], known: set[str]) -> None:
        if not value.keys() <= known:
            unknown = [key for key in value if key not in known]
            self.faults += [Fault(_key_path(path, key), "is not a known field") for key in unknown]
        if isinstance(value, RepeatedKeys):
            repeated = value.repeated
            self.faults += [Fault(_key_path(path, key), "is there twice") for key in repeated]

    def _one(self, path: str, owner: dict[str, Any], name: str, field: Field) -> Any:
        value = owner.get(name)
        if value is None and not field.required:
            return field.default
        if value is None:
            self.faults.append(Fault(f"{path}.{name}", "is required"))
            return None
        try:
            return field.reader(value)
        except WrongValue as wrong:
            self.faults.append(Fault(f"{path}.{name}", str(wrong)))
            return None


def _key_path(path: str, key: str) -> str:
    if _PLAIN_KEY.fullmatch(key):
        return f"{path}.{key}"
    # a key with line breaks must not forge another fault's line
    return f"{path}[{json.dumps(key[:60])}]"
