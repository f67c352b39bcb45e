"""The declarative base: constraint names, column types and the shapes all tables share."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
BigId = Annotated[int, mapped_column(BigInteger)]
GivenId = Annotated[int, mapped_column(BigInteger, Identity(always=False), primary_key=True)]
"""A primary key that the catalog may name itself and that is drawn otherwise."""


class Base(DeclarativeBase):
    """Every table of the product; text is `text`, JSON is `jsonb`, ids are 63-bit."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - the name and form are SQLAlchemy's
        str: Text(),
        int: BigInteger(),
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(none_as_null=True),
        list[Any]: JSONB(none_as_null=True),
    }


def one_of(column: str, words: Iterable[StrEnum], name: str | None = None) -> CheckConstraint:
    """A check that `column` holds one of the given words."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=name or column)
