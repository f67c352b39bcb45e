"""The people who use the product: students, teachers and staff."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Index, bindparam, func, select, text, true
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


def erased_email(user_id: int) -> str:
    """The address of a person who was erased: nobody's (RFC 2606), and by which they are known."""
    return f"erased-{user_id}@invalid"


WAS_ERASED = "the person was erased"
"""Why a message to them isn't sent."""
IS_THERE = UserAccount.email != func.concat("erased-", UserAccount.id, "@invalid")
"""Whether a person wasn't erased: the same in SQL."""


class UnknownPerson(Exception):  # noqa: N818 - what it says, not how it went wrong
    """Nobody has this id (any more)."""


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

    @property
    def is_erased(self) -> bool:
        """Whether only their number is left; they sign in nowhere, and nothing is sent to them."""
        return self.email == erased_email(self.id)


def find_person(db: Connection, user_id: int) -> Person | None:
    """The person with this id, also one who was erased, or None when there is none (any more)."""
    row = db.execute(_BY_ID, {"user_id": user_id}).one_or_none()
    return Person(*row) if row else None


def find_person_by_email(db: Connection, email: str) -> Person | None:
    """The person with this address, whatever its case, or None."""
    row = db.execute(_PEOPLE.where(func.lower(UserAccount.email) == email.lower())).one_or_none()
    return Person(*row) if row else None


def find_names(db: Connection, user_ids: Iterable[int]) -> dict[int, str]:
    """The names of those of these few people that there are, by id."""
    query = select(UserAccount.id, UserAccount.name).where(UserAccount.id.in_(set(user_ids)))
    return {row.id: row.name for row in db.execute(query)}


_PEOPLE = select(
    UserAccount.id,
    UserAccount.email,
    UserAccount.name,
    UserAccount.role,
    UserAccount.time_zone,
    UserAccount.locale,
    UserAccount.reminders,
)
# made once: of an execution's cost, more than half is making the statement (measured)
_BY_ID = _PEOPLE.where(UserAccount.id == bindparam("user_id"))
