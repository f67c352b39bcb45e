"""What the last look at the invariants found, for `/metrics`."""

from collections import Counter
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.invariants import RULES, Findings


class InvariantResult(Base):
    """How many rows broke one rule when it was last looked at."""

    __tablename__ = "invariant_result"

    rule: Mapped[str] = mapped_column(primary_key=True)
    violations: Mapped[int]
    checked_at: Mapped[datetime]


def keep_results(db: Connection, findings: Findings, now: datetime) -> None:
    """Keep how many violations of each rule were found at `now`."""
    found = Counter(violation.name for violation in findings.violations)
    rows = [{"rule": rule, "violations": found[rule], "checked_at": now} for rule in RULES]
    row = insert(InvariantResult)
    db.execute(
        row.on_conflict_do_update(
            index_elements=["rule"],
            set_={"violations": row.excluded.violations, "checked_at": row.excluded.checked_at},
        ),
        rows,
    )


def last_results(db: Connection) -> dict[str, tuple[int, datetime]]:
    """The violations of each rule and when it was looked at; empty before the first look."""
    rows = db.execute(
        select(InvariantResult.rule, InvariantResult.violations, InvariantResult.checked_at)
    )
    return {row.rule: (row.violations, row.checked_at) for row in rows}
