"""What is in the outbox, for staff, the newest first.

A page reads about as many rows as it shows, whatever was ever sent: each status is asked for in the
words of the index that is in the order of the list already.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    false,
    literal,
    select,
    true,
    union_all,
)

from models.outbox import OutboxKind, OutboxMessage, OutboxStatus


def find_message(db: Connection, message_id: UUID) -> Row[Any] | None:
    """The message with this id."""
    return db.execute(_BY_ID, {"id": message_id}).one_or_none()


def list_messages(
    db: Connection,
    *,
    status: OutboxStatus | None,
    kind: OutboxKind | None,
    before: Row[Any] | None,
    limit: int,
) -> list[Row[Any]]:
    """The messages from the newest to the oldest, from before that message.

    Ids rise with time, and so does the order of writing, by which those that wait are listed.
    """
    kinds = [kind] if kind else list(OutboxKind)
    if status == OutboxStatus.PENDING:
        query = _waiting(kinds, before, limit)
    elif status == OutboxStatus.SENDING:
        query = _on_the_way(kinds, before)
    elif status in {OutboxStatus.DEAD, OutboxStatus.SUPERSEDED}:
        query = _never_sent(str(status), kinds, before, limit)
    else:
        query = _any(status, kind, before)
    return list(db.execute(query.limit(limit)))


def _any(status: OutboxStatus | None, kind: OutboxKind | None, before: Row[Any] | None) -> Any:
    """By the primary key: nearly all were sent, and each kind is found among the next few.

    In words that no statistics answer: where they knew of no such row yet, the planner would read
    all there are instead.
    """
    asked = ((OutboxMessage.status, status), (OutboxMessage.kind, kind))
    wanted = and_(true(), *(column == word for column, word in asked if word is not None))
    query = _MESSAGES.where(case((wanted, true()), else_=false()))
    return _before_id(query, before).order_by(OutboxMessage.id.desc())


def _waiting(kinds: list[OutboxKind], before: Row[Any] | None, limit: int) -> Any:
    """By the couriers' index of what is open, each kind by itself, in the order of writing."""
    parts = []
    for kind in kinds:
        query = _MESSAGES.where(_is("status", OutboxStatus.PENDING), _is("kind", kind))
        if before is not None:
            query = query.where(OutboxMessage.written < before.written)
        parts.append(query.order_by(OutboxMessage.written.desc()).limit(limit))
    found = union_all(*parts).subquery("found")
    return select(found).order_by(found.c.written.desc())


def _on_the_way(kinds: list[OutboxKind], before: Row[Any] | None) -> Any:
    """By the index of leases: no more than there are couriers, so that sorting them is nothing."""
    query = _MESSAGES.where(_is("status", OutboxStatus.SENDING), OutboxMessage.kind.in_(kinds))
    few = _before_id(query, before).cte("few").prefix_with("MATERIALIZED")
    return select(few).order_by(few.c.id.desc())


def _never_sent(status: str, kinds: list[OutboxKind], before: Row[Any] | None, limit: int) -> Any:
    """By the index of what was never sent, which has each status and kind in the order of ids."""
    parts = []
    for kind in kinds:
        query = _MESSAGES.where(_is("status", status), _is("kind", kind))
        parts.append(_before_id(query, before).order_by(OutboxMessage.id.desc()).limit(limit))
    found = union_all(*parts).subquery("found")
    return select(found).order_by(found.c.id.desc())


def _before_id(query: Select[Any], before: Row[Any] | None) -> Select[Any]:
    return query if before is None else query.where(OutboxMessage.id < before.id)


def _is(column: str, word: str) -> Any:
    """The word stands in the statement itself: a kept plan can use a partial index only then."""
    return OutboxMessage.__table__.c[column] == literal(word, literal_execute=True)


_MESSAGES: Any = select(
    OutboxMessage.id,
    OutboxMessage.written,
    OutboxMessage.kind,
    OutboxMessage.topic,
    OutboxMessage.status,
    OutboxMessage.user_id,
    OutboxMessage.student_package_id.label("package_id"),
    OutboxMessage.course_step_id.label("step_id"),
    OutboxMessage.booking_job_id.label("job_id"),
    OutboxMessage.attempts,
    case(
        (OutboxMessage.status == literal(OutboxStatus.PENDING), OutboxMessage.next_attempt_at)
    ).label("next_attempt_at"),
    OutboxMessage.created_at,
    OutboxMessage.finished_at,
    OutboxMessage.last_error,
    OutboxMessage.resend_of,
)
_BY_ID = _MESSAGES.where(OutboxMessage.id == bindparam("id"))
