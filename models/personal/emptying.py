"""The texts that may tell of somebody, and what is put in their place.

Each is emptied wherever it still says something, so that a second time finds nothing to do. What
counts stays: rows, numbers, times and states.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Select,
    Text,
    Update,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH, array
from sqlalchemy.orm import InstrumentedAttribute

from models.audit import AuditEntry
from models.base import Base
from models.booking import Booking
from models.booking_job import BookingJob
from models.catalog import CourseSession
from models.event_log import EventLog
from models.event_publishing import let_publishers_finish
from models.long_transaction import allow_long_transaction
from models.migration_finding import MigrationFinding
from models.outbox import OutboxMessage, OutboxStatus
from models.personal.holdings import ABOUT_THEM, FOUND_OF_THEM, PERSON

ERASED = "erased"
"""Stands where there was a text that can't be missing."""
BATCH = 500
_MINUTES = 30


@dataclass(frozen=True, slots=True, eq=False)
class Emptying:
    """The texts of one table: in which rows they are, and what each is replaced by."""

    name: str
    table: type[Base]
    key: InstrumentedAttribute[Any]
    whose: ColumnElement[bool]
    values: dict[InstrumentedAttribute[Any], ColumnElement[Any]]

    @property
    def left(self) -> ColumnElement[bool]:
        """Whether a row still says something."""
        return or_(*(column.is_distinct_from(value) for column, value in self.values.items()))


def count(db: Connection, emptying: Emptying, given: dict[str, Any]) -> int:
    """How many rows would be emptied."""
    rows = select(func.count()).select_from(emptying.table).where(emptying.whose, emptying.left)
    return db.scalar(rows, given) or 0


def empty(engine: Engine, emptying: Emptying, given: dict[str, Any]) -> int:
    """Empty the rows, in batches with a transaction each; returns how many."""
    keys = _keys(engine, emptying, given)
    emptied = 0
    for first in range(0, len(keys), BATCH):
        with engine.begin() as db:
            # the triggers of the append-only logs let this transaction alone change a row
            db.execute(text("SET LOCAL thrive.maintenance = 'on'"))
            batch = given | {"keys": keys[first : first + BATCH]}
            emptied += db.execute(_update(emptying), batch).rowcount
    return emptied


def _keys(engine: Engine, emptying: Emptying, given: dict[str, Any]) -> Sequence[Any]:
    if emptying.table is EventLog:
        with engine.begin() as db:
            allow_long_transaction(db, _MINUTES)
            # who gives positions at this moment may have read a text before it was emptied
            let_publishers_finish(db)
    with engine.begin() as db:
        allow_long_transaction(db, _MINUTES)
        return db.scalars(_found(emptying), given).all()


def _found(emptying: Emptying) -> Select[Any]:
    return select(emptying.key).where(emptying.whose, emptying.left).order_by(emptying.key)


def _update(emptying: Emptying) -> Update:
    keys = bindparam("keys", type_=ARRAY(emptying.key.type))
    return (
        update(emptying.table)
        .where(emptying.key == any_(keys), emptying.left)
        .values({column.key: value for column, value in emptying.values.items()})
        .execution_options(synchronize_session=False)
    )


def _set(document: Any, *path: str) -> Any:
    """The document with another text at this path, where there is one."""
    return func.jsonb_set(
        document, array(path), func.to_jsonb(cast(ERASED, Text)), literal(False), type_=JSONB
    )


def _without_reasons(document: Any) -> Any:
    return _set(_set(document, "reason"), "override", "reason")


def _erased_where(condition: ColumnElement[bool], column: Any) -> ColumnElement[Any]:
    return case((and_(condition, column.is_not(None)), literal(ERASED)), else_=column)


def _none_where(condition: ColumnElement[bool], column: Any) -> ColumnElement[Any]:
    return case((condition, null()), else_=column)


_THEY_ASKED = BookingJob.submitted_by == PERSON
_BY_THEM = select(OutboxMessage.id).where(
    OutboxMessage.booking_job_id.in_(select(BookingJob.id).where(_THEY_ASKED)),
    OutboxMessage.payload.has_key("reason"),
)
_THEIR_WORDS = select(cast(AuditEntry.subject_id, Text), AuditEntry.detail["reason"].astext).where(
    AuditEntry.actor_id == PERSON, AuditEntry.subject == CourseSession.__tablename__
)


def _in_their_words(data: Any) -> ColumnElement[bool]:
    """Whether an event gives their reason; of one whose job was purged only the audit log tells."""
    words = tuple_(data["sessionId"].astext, data["reason"].astext)
    return and_(data.has_key("reason"), words.in_(_THEIR_WORDS))


OF_ONE_PERSON = (
    Emptying(
        "bookings",
        Booking,
        Booking.id,
        or_(Booking.user_id == PERSON, Booking.cancelled_by == PERSON),
        {Booking.cancel_reason: null()},
    ),
    Emptying(
        "jobs",
        BookingJob,
        BookingJob.id,
        or_(BookingJob.user_id == PERSON, _THEY_ASKED),
        {
            BookingJob.request: _without_reasons(BookingJob.request),
            BookingJob.submitted_from: _erased_where(_THEY_ASKED, BookingJob.submitted_from),
            BookingJob.idempotency_key: _none_where(_THEY_ASKED, BookingJob.idempotency_key),
            BookingJob.fingerprint: _none_where(_THEY_ASKED, BookingJob.fingerprint),
        },
    ),
    # what a mail server answers may name the address; why a message wasn't sent is ours to say
    Emptying(
        "messages",
        OutboxMessage,
        OutboxMessage.id,
        OutboxMessage.user_id == PERSON,
        {
            OutboxMessage.last_error: _erased_where(
                OutboxMessage.status != OutboxStatus.SUPERSEDED, OutboxMessage.last_error
            )
        },
    ),
    # before the events, which are copies of them; both before the entries by which they are found
    Emptying(
        "announcements",
        OutboxMessage,
        OutboxMessage.id,
        or_(OutboxMessage.id.in_(_BY_THEM), _in_their_words(OutboxMessage.payload)),
        {OutboxMessage.payload: _set(OutboxMessage.payload, "reason")},
    ),
    Emptying(
        "events",
        EventLog,
        EventLog.position,
        or_(EventLog.id.in_(_BY_THEM), _in_their_words(EventLog.data)),
        {EventLog.data: _set(EventLog.data, "reason")},
    ),
    Emptying(
        "auditEntries",
        AuditEntry,
        AuditEntry.id,
        or_(AuditEntry.actor_id == PERSON, ABOUT_THEM),
        {
            AuditEntry.reason: null(),
            AuditEntry.detail: _without_reasons(AuditEntry.detail),
            AuditEntry.source: _erased_where(AuditEntry.actor_id == PERSON, AuditEntry.source),
        },
    ),
    Emptying(
        "migrationFindings",
        MigrationFinding,
        MigrationFinding.id,
        FOUND_OF_THEM,
        {MigrationFinding.detail: _set(MigrationFinding.detail, "cancel_reason")},
    ),
)
"""The texts that a person wrote, and those that were written about them."""


def _as_stored(name: str) -> Any:
    """A teacher's name where jobs and messages offer sessions, as PostgreSQL prints it."""
    printed = cast(func.to_jsonb(cast(bindparam(name), Text)), Text)
    # as a subquery it is made once, and not for each row
    return select(func.concat('"teacher_name": ', printed)).scalar_subquery()


def _renamed(document: Any) -> Any:
    printed = func.replace(cast(document, Text), _as_stored("name"), _as_stored("new_name"))
    return cast(printed, JSONB)


_NOT_A_NAMESAKES = "$.** ? (@.teacher_name == $name && !(@.group_class_id == $namesakes[*]))"
"""An offer of a teacher of this name, of a class that no namesake of theirs teaches now."""


def _names_them(document: Any) -> ColumnElement[bool]:
    # the text first: few documents hold the name, and a path costs more
    is_printed = func.strpos(cast(document, Text), _as_stored("name")) > 0
    known = func.jsonb_build_object(
        "name",
        cast(bindparam("name"), Text),
        "namesakes",
        func.to_jsonb(bindparam("namesakes", type_=ARRAY(BigInteger))),
    )
    path = cast(_NOT_A_NAMESAKES, JSONPATH)
    return and_(is_printed, func.jsonb_path_exists(document, path, known))


NAMES_OF_A_TEACHER = (
    Emptying(
        "offersInJobs",
        BookingJob,
        BookingJob.id,
        or_(_names_them(BookingJob.result), _names_them(BookingJob.error)),
        {
            BookingJob.result: _renamed(BookingJob.result),
            BookingJob.error: _renamed(BookingJob.error),
        },
    ),
    Emptying(
        "offersInMessages",
        OutboxMessage,
        OutboxMessage.id,
        _names_them(OutboxMessage.payload),
        {OutboxMessage.payload: _renamed(OutboxMessage.payload)},
    ),
)
"""Where other people's refusals and letters offer sessions of a teacher, by name.

Who once taught is written nowhere, so it is looked for whoever is erased. A document that offers
theirs and a namesake's at once is renamed as a whole.
"""
