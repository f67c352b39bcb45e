"""Proves what must always be true of the stored rows, whoever wrote them.

Each rule of the domain that rows can break is a query that finds the rows which do. They run
in one read-only snapshot: bookings made meanwhile are seen whole or not at all.
"""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, Engine, text

from models import (
    booking_invariants,
    job_invariants,
    seat_invariants,
    waitlist_invariants,
)
from models.long_transaction import allow_long_transaction

_MINUTES = 30

RULES = {
    **seat_invariants.RULES,
    **booking_invariants.RULES,
    **job_invariants.RULES,
    **waitlist_invariants.RULES,
}
"""Each rule's name with its query, which returns `id` and `detail` of every row that breaks it."""


class Violation(NamedTuple):
    """One row that breaks a rule: the rule's name, the row's id, and what is wrong."""

    name: str
    id: str
    detail: str

    def __str__(self) -> str:
        """Print the line that a person reads."""
        return f"violation {self.name} {self.id} {self.detail}"


@dataclass(frozen=True, slots=True)
class Findings:
    """What was looked at, and what is wrong with it."""

    sessions: int
    bookings: int
    violations: list[Violation]


def check_invariants(engine: Engine) -> Findings:
    """Look at every row once more, in a snapshot of this moment.

    Raises `sqlalchemy.exc.DBAPIError` when the database is away or was never migrated.
    """
    with engine.connect() as connection:
        db = connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        with db.begin():
            allow_long_transaction(db, _MINUTES)
            # a million bookings are sorted and joined in memory
            db.execute(text("SET LOCAL work_mem = '128MB'"))
            sessions, bookings = db.execute(text(_COUNTS)).one()
            return Findings(sessions, bookings, find_violations(db))


_COUNTS = "SELECT (SELECT count(*) FROM session), (SELECT count(*) FROM booking)"


def find_violations(db: Connection) -> list[Violation]:
    """Return every row that breaks a rule, as this transaction sees it."""
    return [
        Violation(name, str(row.id), row.detail)
        for name, query in RULES.items()
        for row in db.execute(text(query))
    ]
