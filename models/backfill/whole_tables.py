"""Lets a transaction read whole tables; the role's limits and plans are for a few rows."""

from sqlalchemy import Connection, func, select, true

from models.long_transaction import allow_long_transaction

MINUTES = 30
"""For a look at all steps: it locks nothing, and there may be millions."""


def allow_whole_tables(db: Connection) -> None:
    """Give this transaction alone the time, the memory and the plans for it."""
    allow_long_transaction(db, MINUTES)
    db.execute(_PLANNING)


# a run's rows are newer than the statistics, which makes the planner take them for one or two, and
# read the ledger once for each (measured: 12 s instead of 0.1 s for 8,000)
_PLANNING = select(
    func.set_config("work_mem", "128MB", true()),
    func.set_config("enable_nestloop", "off", true()),
)
