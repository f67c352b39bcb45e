"""Conditions on sets of values, whose statements have the same text for any number of values.

A list of placeholders, as `in_` makes, is another statement for each length: SQLAlchemy and the
driver would take each apart anew, and no plan could ever be kept.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, any_, bindparam, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

Column = InstrumentedAttribute[Any]
Columns = tuple[Column, Column]


def in_set(column: Column, values: Collection[Any]) -> ColumnElement[bool]:
    """Whether the column holds one of these values."""
    return column == any_(literal(list(values), ARRAY(column.type)))


def in_given(column: Column, name: str) -> ColumnElement[bool]:
    """Whether the column holds one of the list that the statement is given as `name`."""
    return column == any_(_given(column, name))


def pair_in_given(columns: Columns) -> ColumnElement[bool]:
    """Whether the two columns hold one of the pairs that the statement is given: see `pairs`."""
    first, second = columns
    given = func.unnest(_given(first, "firsts"), _given(second, "seconds"))
    rows = given.table_valued("first", "second", name="given").render_derived()
    return tuple_(first, second).in_(select(rows.c.first, rows.c.second))


def pairs(values: Iterable[tuple[Any, Any]]) -> dict[str, list[Any]]:
    """These pairs as `pair_in_given` takes them."""
    listed = list(values)
    return {"firsts": [first for first, _ in listed], "seconds": [second for _, second in listed]}


def _given(column: Column, name: str) -> ColumnElement[Any]:
    return bindparam(name, type_=ARRAY(column.type))
