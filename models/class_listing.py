"""Group classes for staff, by name."""

from typing import Any

from sqlalchemy import Connection, Result, Row, select

from models.catalog import GroupClass
from models.people import UserAccount


def list_classes(
    db: Connection, contained: str | None = None, *, taught_by: int | None = None, limit: int
) -> list[Row[Any]]:
    """The classes whose name contains this in any case, by name; all for None.

    With `taught_by`, those of that teacher.
    """
    query = _CLASSES
    if contained is not None:
        query = query.where(GroupClass.name.icontains(contained, autoescape=True))
    if taught_by is not None:
        query = query.where(GroupClass.teacher_id == taught_by)
    return list(db.execute(query.order_by(GroupClass.name, GroupClass.id).limit(limit)))


def find_class(db: Connection, class_id: int) -> Row[Any] | None:
    """The class with this id, or None."""
    rows: Result[Any] = db.execute(_CLASSES.where(GroupClass.id == class_id))
    return rows.one_or_none()


_CLASSES: Any = select(
    GroupClass.id,
    GroupClass.name,
    GroupClass.capacity_max,
    GroupClass.time_zone,
    UserAccount.name.label("teacher_name"),
).join(UserAccount, UserAccount.id == GroupClass.teacher_id)
