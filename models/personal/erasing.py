"""Erases a person: only their number stays, which tells nobody who they were.

What they have to come is given back, their account says nothing any more, and the texts by and
about them are emptied, in the append-only logs too. Whatever is counted stays: bookings, seats,
the ledger, events. Begun anew after a fault it does what is left; done twice it changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from models.auditing import Actor, note_deed
from models.catalog import GroupClass
from models.couriers import PENDING, SENDING
from models.importing.locking import wait_for_other_imports
from models.long_transaction import allow_long_transaction
from models.outbox import OutboxKind, OutboxMessage, OutboxStatus
from models.people import (
    WAS_ERASED,
    Role,
    UnknownPerson,
    UserAccount,
    erased_email,
    find_person,
)
from models.personal.emptying import NAMES_OF_A_TEACHER, OF_ONE_PERSON, Emptying, count, empty
from models.personal.giving_back import COMMAND_LINE, give_back
from models.personal.holdings import PERSON
from models.personal.open_matters import CannotBeErased, open_matters, refuse_who_teaches
from models.round import Decider
from models.user_token import UserToken

_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Erasure:
    """How many packages and bookings were cancelled, and rows of each sort emptied."""

    packages: int
    bookings: int
    emptied: dict[str, int]


def erased_name(user_id: int) -> str:
    """What an erased person is called."""
    return f"Erased person {user_id}"


def look_at_erasing(engine: Engine, user_id: int, now: datetime) -> Erasure:
    """What erasing this person would do; raises UnknownPerson and CannotBeErased like it."""
    with engine.begin() as db:
        allow_long_transaction(db, _MINUTES)
        refuse_who_teaches(db, user_id, now)
        found = open_matters(db, user_id, now)
        texts = _texts_of(db, user_id)
        emptied = {one.name: count(db, one, texts.given) for one in (*OF_ONE_PERSON, *texts.named)}
    return Erasure(len(found.packages), len(found.bookings), emptied)


def erase_person(decider: Decider, user_id: int) -> Erasure:
    """Erase this person.

    Raises UnknownPerson; CannotBeErased for the teacher of coming sessions, before anything is
    done, and where what was asked for isn't decided in time; SQLAlchemy's errors while the
    database is away.
    """
    engine = decider.engine
    with engine.connect() as db:
        refuse_who_teaches(db, user_id, decider.clock())
        texts = _texts_of(db, user_id)
    found = give_back(decider, user_id)
    # while the name is known: afterwards nobody could tell what to look for
    named = {one.name: empty(engine, one, texts.given) for one in texts.named}
    _close_account(engine, user_id, decider.clock())
    emptied = {one.name: empty(engine, one, texts.given) for one in OF_ONE_PERSON}
    return Erasure(len(found.packages), len(found.bookings), emptied | named)


@dataclass(frozen=True, slots=True)
class _Texts:
    """What finds the texts of a person, and in which they are `named` to others."""

    given: dict[str, Any]
    named: tuple[Emptying, ...]


def _texts_of(db: Connection, user_id: int) -> _Texts:
    person = find_person(db, user_id)
    if person is None:
        raise UnknownPerson
    given: dict[str, Any] = {
        "person": user_id,
        "name": person.name,
        "new_name": erased_name(user_id),
    }
    given["namesakes"] = db.scalars(_CLASSES_OF_NAMESAKES, given).all()
    return _Texts(given, () if person.is_erased else NAMES_OF_A_TEACHER)


def _close_account(engine: Engine, user_id: int, now: datetime) -> None:
    """Take away who they are, in one transaction: whoever decides about them waits for it."""
    with engine.begin() as db:
        # an import that began before may bring them another package
        wait_for_other_imports(db)
        email = db.scalar(_LOCKED, {"person": user_id})
        refuse_who_teaches(db, user_id, now)
        if open_matters(db, user_id, now):
            raise CannotBeErased(f"User {user_id} has just booked or bought something: try again")
        # also of whoever is erased: one may have been written by a transaction open at that time
        db.execute(_NO_TOKENS, {"person": user_id})
        db.execute(_NO_MORE_MAIL, {"person": user_id})
        if email == erased_email(user_id):
            return
        db.execute(_PSEUDONYM, _pseudonym(user_id))
        actor = Actor(None, COMMAND_LINE, now)
        note_deed(db, actor, "erase_user", subject="user_account", subject_id=user_id)


def _pseudonym(user_id: int) -> dict[str, Any]:
    return {"person": user_id, "new_name": erased_name(user_id), "address": erased_email(user_id)}


_CLASSES_OF_NAMESAKES = (
    select(GroupClass.id)
    .join(UserAccount, UserAccount.id == GroupClass.teacher_id)
    .where(UserAccount.name == bindparam("name"), UserAccount.id != PERSON)
)
_LOCKED: Any = (
    select(UserAccount.email).where(UserAccount.id == PERSON).with_for_update(key_share=True)
)
_PSEUDONYM = (
    update(UserAccount)
    .where(UserAccount.id == PERSON)
    .values(
        name=bindparam("new_name"),
        email=bindparam("address"),
        # that of those who may do the least
        role=Role.STUDENT,
        time_zone="UTC",
        locale="en",
        reminders=False,
    )
)
_NO_TOKENS = delete(UserToken).where(UserToken.user_id == PERSON)
_NO_MORE_MAIL = (
    update(OutboxMessage)
    .where(
        OutboxMessage.user_id == PERSON,
        OutboxMessage.kind == OutboxKind.MAIL,
        # a courier that holds one has lost its lease, and can't note an answer with the address
        or_(OutboxMessage.status == PENDING, OutboxMessage.status == SENDING),
    )
    .values(
        status=OutboxStatus.SUPERSEDED,
        lease_token=None,
        lease_until=None,
        finished_at=func.clock_timestamp(),
        last_error=WAS_ERASED,
    )
)
