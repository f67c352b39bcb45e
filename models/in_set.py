"""Conditions on sets of values, whose statements have the same text for any number of values.

A list of placeholders, as `in_` makes, is another statement for each length: SQLAlchemy and the
driver would take each apart anew, and no plan could ever be kept.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, any_, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

Column = InstrumentedAttribute[Any]


def in_set(column: Column, values: Collection[Any]) -> ColumnElement[bool]:
    """Whether the column holds one of these values."""
    return column == any_(_array(column, values))


def pair_in_set(
    columns: tuple[Column, Column], pairs: Collection[tuple[Any, Any]]
) -> ColumnElement[bool]:
    """Whether the two columns hold one of these pairs."""
    first, second = columns
    arrays = (
        _array(first, [pair[0] for pair in pairs]),
        _array(second, [pair[1] for pair in pairs]),
    )
    named = func.unnest(*arrays).table_valued("first", "second", name="given").render_derived()
    return tuple_(first, second).in_(select(named.c.first, named.c.second))


def _array(column: Column, values: Collection[Any]) -> ColumnElement[Any]:
    return literal(list(values), ARRAY(column.type))
