"""Hands out everything that is kept about one person, as it is at one moment."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, text

from models.long_transaction import allow_long_transaction
from models.personal.holdings import HOLDINGS

_MINUTES = 30
_ROWS_AT_ONCE = 500

Rows = Iterator[RowMapping]


def export_person(engine: Engine, user_id: int) -> Iterator[tuple[str, Rows]]:
    """Each section's name and its rows, to be read in this order, each before the next.

    One snapshot, read a few hundred rows at a time. Some tables have no index by person: those
    are read once from one end to the other, without a lock. Instants are in UTC. Raises
    `sqlalchemy.exc.DBAPIError`.
    """
    with engine.connect() as connection:
        db = connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        with db.begin():
            allow_long_transaction(db, _MINUTES)
            db.execute(text("SET LOCAL timezone = 'UTC'"))
            for holding in HOLDINGS:
                yield holding.name, _rows(db, holding.rows, user_id)


def _rows(db: Connection, query: Any, user_id: int) -> Rows:
    given = {"person": user_id}
    found = db.execute(query, given, execution_options={"yield_per": _ROWS_AT_ONCE})
    return iter(found.mappings())
