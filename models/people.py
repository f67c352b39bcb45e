"""The people who use the product: students, teachers and staff."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Index, func, select, text, true
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, GivenId, one_of


class Role(StrEnum):
    """What a person may do; read from the database, never from a token."""

    STUDENT = "STUDENT"
    TEACHER = "TEACHER"
    STAFF = "STAFF"
    ADMIN = "ADMIN"


class UserAccount(Base):
    """A person with an address, a role and the zone and language to write to them in."""

    __tablename__ = "user_account"

    id: Mapped[GivenId]
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    time_zone: Mapped[str] = mapped_column(server_default="UTC")
    locale: Mapped[str] = mapped_column(server_default="en")
    reminders: Mapped[bool] = mapped_column(server_default=true())

    __table_args__ = (
        one_of("role", Role),
        Index("uq_user_account_lower_email", text("lower(email)"), unique=True),
    )


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the rest of the program sees them."""

    id: int
    email: str
    name: str
    role: str
    time_zone: str
    locale: str
    reminders: bool


def find_person(db: Connection, user_id: int) -> Person | None:
    """The person with this id, or None when there is none (any more)."""
    return _one(db, UserAccount.id == user_id)


def find_person_by_email(db: Connection, email: str) -> Person | None:
    """The person with this address, whatever its case, or None."""
    return _one(db, func.lower(UserAccount.email) == email.lower())


def _one(db: Connection, condition: object) -> Person | None:
    row = db.execute(
        select(
            UserAccount.id,
            UserAccount.email,
            UserAccount.name,
            UserAccount.role,
            UserAccount.time_zone,
            UserAccount.locale,
            UserAccount.reminders,
        ).where(condition)  # type: ignore[arg-type]  # either a column comparison or a function's
    ).one_or_none()
    return Person(*row) if row else None
