"""What may be purged, and when: finished long ago, and nothing that isn't finished needs it.

Never purged are people, packages, bookings, waitlist places, the seat ledger (seats are its sum)
and the audit log. The order of `KINDS` is that of the invariants: `check` asks of a job for the
mails of its bookings, so a message goes after its job, and of a sent event for its place in the
log, so that one goes after its message.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    and_,
    bindparam,
    cast,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from models.base import Base
from models.booking_job import BookingJob
from models.event_log import EventLog
from models.letter_topics import LetterTopic
from models.outbox import OutboxMessage
from models.reminder import Reminder
from models.waitlist import WaitlistEntry, WaitlistSkip
from models.webhook import WebhookDelivery

BEFORE = bindparam("before", type_=DateTime(timezone=True))
"""What was finished before this moment may go."""
KEPT_FROM = bindparam("kept_from", type_=BigInteger)
"""The first position of the event log that is needed still."""
COUNTING = bindparam("counting", type_=Boolean)
"""Whether nothing is deleted: then what would be gone by now is there still."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One kind of row: the table's key, which rises in time, when a row was made, when it may go.

    Where a whole batch by the key was made after the moment in question, the walk ends; but for ids
    of chance, which lie behind all others, and are walked to their end.
    """

    name: str
    table: type[Base]
    key: InstrumentedAttribute[Any]
    made_at: InstrumentedAttribute[Any]
    may_go: ColumnElement[bool]


def _is_none_of(query: Any) -> ColumnElement[bool]:
    """Whether there is no such row; asked of one row after the other, by an index.

    For `NOT EXISTS` the planner may read the whole other table instead.
    """
    none: ColumnElement[bool] = query.limit(1).scalar_subquery().is_(None)
    return none


def _job_may_go(job: Any) -> ColumnElement[bool]:
    """Decided before then, and all that it owed has left: some letters read their job."""
    owed = aliased(OutboxMessage)
    open_message = select(literal(1)).where(
        owed.booking_job_id == job.id, owed.finished_at.is_(None)
    )
    return and_(job.decided_at < BEFORE, _is_none_of(open_message.correlate(job)))


def _message_may_go(message: Any) -> ColumnElement[bool]:
    """Finished before then, and its job is gone; a reminder's only once its session was."""
    job = aliased(BookingJob)
    staying = select(literal(1)).where(
        job.id == message.booking_job_id, or_(not_(COUNTING), not_(_job_may_go(job)))
    )
    reminded_of = cast(message.payload["start_at"].astext, DateTime(timezone=True))
    return and_(
        message.finished_at < BEFORE,
        or_(message.topic != LetterTopic.REMINDER, reminded_of < BEFORE),
        _is_none_of(staying.correlate(message)),
    )


def _event_may_go() -> ColumnElement[bool]:
    """Older than that, its message is gone, and it is neither the newest nor waited for."""
    message = aliased(OutboxMessage)
    staying = select(literal(1)).where(
        message.id == EventLog.id, or_(not_(COUNTING), not_(_message_may_go(message)))
    )
    return and_(
        EventLog.timestamp < BEFORE,
        EventLog.position < KEPT_FROM,
        _is_none_of(staying.correlate(EventLog)),
    )


def _skip_may_go() -> ColumnElement[bool]:
    entry = select(WaitlistEntry.ended_at).where(WaitlistEntry.id == WaitlistSkip.waitlist_entry_id)
    return entry.correlate(WaitlistSkip).scalar_subquery() < BEFORE


KINDS = (
    Kind("jobs", BookingJob, BookingJob.id, BookingJob.submitted_at, _job_may_go(BookingJob)),
    Kind(
        "messages",
        OutboxMessage,
        OutboxMessage.id,
        OutboxMessage.created_at,
        _message_may_go(OutboxMessage),
    ),
    Kind("reminders", Reminder, Reminder.id, Reminder.created_at, Reminder.start_at < BEFORE),
    Kind("skips", WaitlistSkip, WaitlistSkip.id, WaitlistSkip.at, _skip_may_go()),
    Kind(
        "deliveries",
        WebhookDelivery,
        WebhookDelivery.id,
        WebhookDelivery.created_at,
        WebhookDelivery.finished_at < BEFORE,
    ),
    Kind("events", EventLog, EventLog.position, EventLog.timestamp, _event_may_go()),
)
"""Every kind that is purged, in this order."""
