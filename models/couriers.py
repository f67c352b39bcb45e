"""Claims outbox messages for sending, and notes how the sending went.

A claim is a lease: it lasts until `lease_until` by the database's clock, and whoever finishes a
message must still hold its token. So a courier that slept past its lease can't overwrite what
another one did meanwhile, and a message whose courier died is claimed again under the same id.

Mails about one package step leave in order. One that failed and waits for its next attempt keeps a
later one that says how the seat stands now from leaving no longer, nor those in between: that one
makes it pointless, and it is superseded in the transaction that claims the next. No other letter
overtakes, and nothing overtakes what was never tried or is being sent.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased

from models.letter_topics import TELLING_THE_SEAT
from models.outbox import OutboxKind, OutboxMessage, OutboxStatus

LEASE = timedelta(seconds=90)
PAUSES = [
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=2),
    timedelta(hours=21, minutes=49),
]
"""How long to wait after the first, second, … failed attempt: a day in all."""
ATTEMPTS = len(PAUSES) + 1
WAY_CLOSED = timedelta(seconds=30)
PENDING: ColumnElement[str] = literal_column("'PENDING'")
SENDING: ColumnElement[str] = literal_column("'SENDING'")
"""Written into the statement: a plan that is kept can use the index of what is open only then."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this courier alone may send until its lease ends."""

    id: UUID
    written: int
    topic: str
    user_id: int | None
    payload: dict[str, Any]
    attempts: int
    token: UUID


def claim(db: Connection, kind: OutboxKind, limit: int, *, behind: int = 0) -> list[Claimed]:
    """Claim the oldest messages that are due; commit before sending.

    One for each package step, so that they leave in order. Costs the same however many wait; who
    claims one after the other looks `behind` the last one, and so doesn't step over all that left
    before, which the database keeps for as long as anybody reads (a backup).
    """
    token = uuid4()
    rows = db.execute(
        _CLAIM, {"of_kind": kind, "limit": limit, "token": token, "behind": behind}
    ).all()
    return [
        Claimed(row.id, row.written, row.topic, row.user_id, row.payload, row.attempts, token)
        for row in sorted(rows, key=lambda row: row.written)
        if row.overtaken is None or _overtake(db, row.id, token)
    ]


def _overtake(db: Connection, message_id: UUID, token: UUID) -> bool:
    """Supersede the earlier messages of a claimed one's step; False when one is being sent.

    Somebody claimed it at the moment at which it was due again: then the later one is put back.
    """
    given = {"of_message": message_id, "why": f"overtaken by {message_id}"}
    db.execute(_SUPERSEDE, given)
    if db.scalar(_STILL_OPEN, {"of_message": message_id}) is None:
        return True
    db.execute(_UNCLAIM, {"of_message": message_id, "held": token})
    return False


def mark_sent(db: Connection, message: Claimed) -> bool:
    """Note that the message left; False when the lease went to somebody else meanwhile."""
    return _note(db, message, _SENT)


def mark_dead(db: Connection, message: Claimed, error: str) -> bool:
    """Note that the message will never leave, visibly."""
    dead = _noting(
        status=OutboxStatus.DEAD, finished_at=func.clock_timestamp(), last_error=error[:500]
    )
    return _note(db, message, dead)


def mark_superseded(db: Connection, message: Claimed, why: str) -> bool:
    """Note that the message isn't needed any more, visibly: what it would say isn't so now."""
    superseded = _noting(
        status=OutboxStatus.SUPERSEDED, finished_at=func.clock_timestamp(), last_error=why[:500]
    )
    return _note(db, message, superseded)


def mark_failed(db: Connection, message: Claimed, error: str) -> bool:
    """Note a passing failure: tried again later, or dead after the last attempt."""
    if message.attempts >= ATTEMPTS:
        return mark_dead(db, message, error)
    return _put_back(db, message, PAUSES[message.attempts - 1], error)


def release(db: Connection, message: Claimed, error: str) -> bool:
    """Put a message back that wasn't even tried, because the way out was closed."""
    return _put_back(db, message, WAY_CLOSED, error, attempts=OutboxMessage.attempts - 1)


def bury_exhausted(db: Connection, kind: OutboxKind) -> None:
    """Give up the messages whose courier died at their last attempt; before claims are made."""
    db.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.kind == kind,
            OutboxMessage.status == SENDING,
            OutboxMessage.lease_until < func.clock_timestamp(),
            OutboxMessage.attempts >= ATTEMPTS,
        )
        .values(
            status=OutboxStatus.DEAD,
            lease_token=None,
            lease_until=None,
            finished_at=func.clock_timestamp(),
            last_error="its courier died at the last attempt",
        )
    )


def _put_back(
    db: Connection, message: Claimed, pause: timedelta, error: str, **values: Any
) -> bool:
    pending = _noting(
        status=OutboxStatus.PENDING,
        next_attempt_at=func.clock_timestamp() + pause,
        last_error=error[:500],
        **values,
    )
    return _note(db, message, pending)


def _due() -> Any:
    return or_(
        and_(
            OutboxMessage.status == PENDING,
            OutboxMessage.next_attempt_at <= func.clock_timestamp(),
        ),
        and_(
            OutboxMessage.status == SENDING,
            OutboxMessage.lease_until < func.clock_timestamp(),
            OutboxMessage.attempts < ATTEMPTS,
        ),
    )


def _earlier_of_its_step(*conditions: ColumnElement[bool]) -> Any:
    """An open message of the same step that was written before, and of which these hold.

    A subquery that returns a value, which is asked of one message after the other: for `EXISTS`
    the planner may compare all that wait with all that wait. It speaks of what
    isn't finished in the words of the step's own index: by the index of all that is open, which is
    the shortest way if nothing was at the last ANALYZE, it would read all that wait.
    """
    return (
        select(_EARLIER.written)
        .where(_is_earlier(_EARLIER, OutboxMessage), *conditions)
        .limit(1)
        .correlate(OutboxMessage)
        .scalar_subquery()
    )


def _is_earlier(earlier: Any, message: Any) -> ColumnElement[bool]:
    return and_(
        earlier.kind == message.kind,
        earlier.student_package_id == message.student_package_id,
        earlier.course_step_id == message.course_step_id,
        earlier.finished_at.is_(None),
        earlier.written < message.written,
    )


def _was_tried(earlier: Any) -> ColumnElement[bool]:
    """Of an open message: it failed, and waits. In words that no index of what is open answers."""
    return and_(earlier.lease_token.is_(None), earlier.attempts > 0)


def _is_in_the_way() -> ColumnElement[bool]:
    """Whether an earlier message has to leave first."""
    waits = and_(_was_tried(_EARLIER), _EARLIER.next_attempt_at > func.clock_timestamp())
    is_pointless = or_(_tells_the_seat(OutboxMessage), _told_later().is_not(None))
    return not_(and_(waits, is_pointless))


def _tells_the_seat(message: Any) -> ColumnElement[bool]:
    """Whether it makes earlier ones pointless; what is sent again doesn't."""
    return and_(message.topic.in_(TELLING_THE_SEAT), message.resend_of.is_(None))


def _told_later() -> Any:
    """An open message behind the one in question, which tells the seat."""
    return (
        select(_BEHIND.written)
        .where(_is_earlier(OutboxMessage, _BEHIND), _tells_the_seat(_BEHIND))
        .limit(1)
        .correlate(OutboxMessage, _EARLIER)
        .scalar_subquery()
    )


def _noting(**values: Any) -> Any:
    """How to note what became of a message, by whoever still holds its lease."""
    return (
        update(OutboxMessage)
        .where(
            OutboxMessage.id == bindparam("of_message"),
            # in words that no index of what is open answers: see STILL_QUEUED
            OutboxMessage.status.concat("") == OutboxStatus.SENDING,
            OutboxMessage.lease_token == bindparam("held"),
        )
        .values(lease_token=None, lease_until=None, **values)
        .returning(OutboxMessage.id)
    )


def _note(db: Connection, message: Claimed, noting: Any) -> bool:
    noted = db.execute(noting, {"of_message": message.id, "held": message.token}).all()
    return bool(noted)


def _claiming() -> Any:
    oldest = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.kind == bindparam("of_kind"),
            or_(OutboxMessage.status == PENDING, OutboxMessage.status == SENDING),
            OutboxMessage.written > bindparam("behind"),
            _due(),
            _earlier_of_its_step(_is_in_the_way()).is_(None),
        )
        .order_by(OutboxMessage.written)
        .limit(bindparam("limit", type_=Integer))
    )
    # a common table expression is evaluated once, which a subquery with LIMIT need not be
    chosen = oldest.with_for_update(skip_locked=True).cte("chosen")
    return (
        update(OutboxMessage)
        # as a join, the planner may compare each message there is with those that were chosen
        .where(OutboxMessage.id == any_(func.array(select(chosen.c.id).scalar_subquery())))
        .values(
            status=OutboxStatus.SENDING,
            attempts=OutboxMessage.attempts + 1,
            lease_token=bindparam("token"),
            lease_until=func.clock_timestamp() + LEASE,
        )
        .returning(
            OutboxMessage.written,
            OutboxMessage.id,
            OutboxMessage.topic,
            OutboxMessage.user_id,
            OutboxMessage.payload,
            OutboxMessage.attempts,
            _earlier_of_its_step().label("overtaken"),
        )
    )


def _superseding() -> Any:
    later = aliased(OutboxMessage, name="later")
    return (
        update(OutboxMessage)
        .where(
            later.id == bindparam("of_message"),
            _is_earlier(OutboxMessage, later),
            _was_tried(OutboxMessage),
        )
        .values(
            status=OutboxStatus.SUPERSEDED,
            finished_at=func.clock_timestamp(),
            last_error=bindparam("why"),
        )
    )


_EARLIER = aliased(OutboxMessage, name="earlier")
_BEHIND = aliased(OutboxMessage, name="behind")
_CLAIM = _claiming()
_SUPERSEDE = _superseding()
_STILL_OPEN = select(_EARLIER.written).where(
    _is_earlier(_EARLIER, OutboxMessage), OutboxMessage.id == bindparam("of_message")
)
_UNCLAIM = _noting(status=OutboxStatus.PENDING, attempts=OutboxMessage.attempts - 1)
_SENT = _noting(status=OutboxStatus.SENT, finished_at=func.clock_timestamp())
