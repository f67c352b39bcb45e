"""Sends a mail once more: a new message, with an id of its own, about what is true by then."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, insert, select

from models.auditing import Actor, note_deed
from models.new_id import new_id
from models.outbox import OutboxKind, OutboxMessage, OutboxStatus
from models.outbox_listing import find_message

PAUSE = timedelta(minutes=1)
"""So long after a mail was sent again, it isn't once more: that is a button pressed twice."""
FINAL = frozenset({OutboxStatus.SENT, OutboxStatus.DEAD, OutboxStatus.SUPERSEDED})


class NotAgain(StrEnum):
    """Why a message isn't sent again."""

    NOT_A_MAIL = "not_a_mail"
    STILL_ON_ITS_WAY = "mail_still_on_its_way"
    JUST_SENT_AGAIN = "mail_just_sent_again"


def send_again(db: Connection, message_id: UUID, actor: Actor) -> Row[Any] | NotAgain | None:
    """Write a mail that has left, or never will, once more; returns the new message.

    None where there is no such message. Audited. The old row is locked, so that of two who press
    the button at once one is told that the other did.
    """
    old = db.execute(_LOCKED, {"id": message_id}).one_or_none()
    if old is None:
        return None
    why_not = _why_not(db, old, actor.now)
    if why_not is not None:
        return why_not
    again = new_id()
    db.execute(insert(OutboxMessage).values(_copied(old, again, actor.now)))
    detail = {"message_id": str(old.id), "sent_again_as": str(again)}
    note_deed(db, actor, "send_mail_again", subject="outbox_message", detail=detail)
    return find_message(db, again)


def _why_not(db: Connection, old: Row[Any], now: datetime) -> NotAgain | None:
    if old.kind != OutboxKind.MAIL:
        return NotAgain.NOT_A_MAIL
    if old.status not in FINAL:
        return NotAgain.STILL_ON_ITS_WAY
    for again in db.execute(_SENT_AGAIN, {"id": old.id}):
        if again.status not in FINAL or again.created_at > now - PAUSE:
            return NotAgain.JUST_SENT_AGAIN
    return None


def _copied(old: Row[Any], again: UUID, now: datetime) -> dict[str, Any]:
    return {
        "id": again,
        "kind": old.kind,
        "topic": old.topic,
        "user_id": old.user_id,
        "student_package_id": old.student_package_id,
        "course_step_id": old.course_step_id,
        "booking_job_id": old.booking_job_id,
        "resend_of": old.id,
        "payload": old.payload,
        "created_at": now,
    }


_LOCKED: Any = (
    select(*OutboxMessage.__table__.c)
    .where(OutboxMessage.id == bindparam("id"))
    .with_for_update(key_share=True)
)
_SENT_AGAIN = select(OutboxMessage.status, OutboxMessage.created_at).where(
    OutboxMessage.resend_of == bindparam("id")
)
