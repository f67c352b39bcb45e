"""Finding students by name or address."""

from typing import Any

from sqlalchemy import Connection, Row, or_, select

from models.people import IS_THERE, Role, UserAccount


def search_students(
    db: Connection, contained: str | None, *, after_id: int | None, limit: int
) -> list[Row[Any]]:
    """The students whose name or address contains this in any case, by id; all for None."""
    query = _STUDENTS
    if contained is not None:
        query = query.where(
            or_(
                UserAccount.name.icontains(contained, autoescape=True),
                UserAccount.email.icontains(contained, autoescape=True),
            )
        )
    if after_id is not None:
        query = query.where(UserAccount.id > after_id)
    return list(db.execute(query.limit(limit)))


_STUDENTS = (
    select(
        UserAccount.id,
        UserAccount.name,
        UserAccount.email,
        UserAccount.time_zone,
        UserAccount.locale,
    )
    .where(UserAccount.role == Role.STUDENT, IS_THERE)
    .order_by(UserAccount.id)
)
