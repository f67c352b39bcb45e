"""Writes many rows of a table in one statement, whose text is the same for any number of rows.

The rows travel as one JSON parameter and PostgreSQL makes a set of them. A statement for each
row costs several times as much, and a list of placeholders is another statement for each length,
which neither SQLAlchemy nor the driver can keep.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    Connection,
    Delete,
    Insert,
    Text,
    Update,
    and_,
    bindparam,
    cast,
    column,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.sql.selectable import NamedFromClause

from models.base import Base

Row = dict[str, Any]
Table = type[Base]


def insert_rows(db: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert these rows, in their order; each names the same columns."""
    if rows:
        db.execute(_insert(table, tuple(rows[0])), _parameters(rows))


def update_rows(
    db: Connection, table: Table, rows: Sequence[Row], *, add: frozenset[str] = frozenset()
) -> None:
    """Update the rows with these ids; each row names its `id` and the same columns.

    What a row says of the columns in `add` is added to what they hold.
    """
    if rows:
        db.execute(_update(table, tuple(rows[0]), add), _parameters(rows))


def delete_rows(db: Connection, table: Table, keys: Sequence[Row]) -> None:
    """Delete the rows with these keys; each names the same columns."""
    if keys:
        db.execute(_delete(table, tuple(keys[0])), _parameters(keys))


def given_rows(table: Table, names: tuple[str, ...]) -> NamedFromClause:
    """The parameter `rows` as a set of rows with these columns of the table."""
    columns = [column(name, table.__table__.c[name].type) for name in names]
    document = cast(bindparam("rows", type_=Text), JSON)
    return (
        func.json_to_recordset(document)
        .table_valued(*columns, name="given")
        .render_derived(with_types=True)
    )


def as_parameter(rows: Sequence[Row]) -> str:
    """These rows as the parameter `rows`."""
    return orjson.dumps(rows, _as_text, orjson.OPT_PASSTHROUGH_DATACLASS).decode()


def _parameters(rows: Sequence[Row]) -> dict[str, str]:
    return {"rows": as_parameter(rows)}


def _as_text(value: object) -> str:
    """What JSON has no form for, in PostgreSQL's own."""
    if isinstance(value, Range) and value.lower and value.upper:
        opening, closing = value.bounds
        return f"{opening}{value.lower.isoformat()},{value.upper.isoformat()}{closing}"
    raise TypeError(f"{type(value).__name__} can't be written")


@lru_cache
def _insert(table: Table, names: tuple[str, ...]) -> Insert:
    return insert(table).from_select(list(names), select(*given_rows(table, names).c))


@lru_cache
def _update(table: Table, names: tuple[str, ...], add: frozenset[str]) -> Update:
    given, columns = given_rows(table, names), table.__table__.c
    values = {
        columns[name]: columns[name] + given.c[name] if name in add else given.c[name]
        for name in names
        if name != "id"
    }
    return update(table).where(columns["id"] == given.c["id"]).values(values)


@lru_cache
def _delete(table: Table, names: tuple[str, ...]) -> Delete:
    given, columns = given_rows(table, names), table.__table__.c
    return delete(table).where(and_(*(columns[name] == given.c[name] for name in names)))
