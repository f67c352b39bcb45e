"""What is wrong in a catalog, and where."""

import re
from typing import NamedTuple

_LISTS = ("$", "$.users", "$.groupClasses", "$.programs", "$.cohorts", "$.packages")


class Fault(NamedTuple):
    """One thing wrong: its JSON path in the file, such as `$.users[3].email`, and the reason."""

    path: str
    reason: str

    def __str__(self) -> str:
        """Print the line that a person reads."""
        return f"{self.path}: {self.reason}"


class CatalogFaults(Exception):  # noqa: N818 - reads as what it is in `except CatalogFaults`
    """The catalog can't be imported; nothing of it was."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(f"{len(faults)} faults, the first: {faults[0]}")


def in_file_order(faults: list[Fault]) -> list[Fault]:
    """Return each fault once, in the order of the documented file."""
    return sorted(set(faults), key=_place)


def _place(fault: Fault) -> tuple[int, list[int | str], str]:
    top = re.match(r"\$(?:\.\w+)?", fault.path)
    name = top.group() if top else fault.path
    steps = re.split(r"(\d+)", fault.path)
    # every second piece is a number: users[10] comes after users[9]
    numbered: list[int | str] = [
        int(step) if place % 2 else step for place, step in enumerate(steps)
    ]
    return _LISTS.index(name) if name in _LISTS else len(_LISTS), numbered, fault.reason
