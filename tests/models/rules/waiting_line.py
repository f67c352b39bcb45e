"""A session and those who wait for it, laid by a test's hand."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from models.booking_job import JobKind
from models.desk import SYSTEM, Entry, Option, Seats
from tests.models.rules.situation import (
    DAY,
    Situation,
    result,
)


@dataclass
class Line(Situation):
    """A session with free seats, and students who wait for it; each has a package of their own."""

    starts_in: timedelta = 3 * DAY
    free: int = 1
    session_: Seats = field(init=False)
    option_: Option = field(init=False)

    def __post_init__(self) -> None:
        self.session_ = self.session(self.starts_in, capacity=5, taken=5 - self.free)
        self.option_ = self.option(self.step(package=30, user=10))

    def join(self, number: int = 1, **fields: Any) -> Entry:
        """The next in line: student 100 + number, with the package 300 + number."""
        step = self.step(package=300 + number, user=100 + number, **fields)
        entry = self.waits(step, self.option_, self.session_)
        line = self.desk.lines.get(self.session_.id)
        self.line(self.session_, *(line.entries if line else []), entry)
        return entry

    def promote(self, **fields: Any) -> dict[str, Any]:
        about = {"submitted_by": SYSTEM, "user_id": SYSTEM}
        return result(self.ask(JobKind.PROMOTE, about=self.session_, fields=about | fields))

    def skipped(self) -> list[tuple[int, str]]:
        return [(skip["waitlist_entry_id"], skip["code"]) for skip in self.promote()["skipped"]]
