"""Moves committed events from the outbox into the event log, giving each its position."""

from sqlalchemy import BigInteger, Connection, func, insert, literal, select, update

from models.couriers import PENDING
from models.event_log import EventLog
from models.outbox import OutboxKind, OutboxMessage, OutboxStatus
from models.webhook_fanout import count_endpoints, fan_out, most_events

EVENT_LOG_LOCK = 0x45564E54
"""The advisory lock under which positions are given: "EVNT" in ASCII."""


def let_publishers_finish(db: Connection) -> None:
    """Wait until whoever gives positions has committed; to the commit nobody begins to.

    For whoever will be asked for all events from now on: one that gets its position a moment later
    is theirs, any other is in the log for them to read.
    """
    db.execute(select(func.pg_advisory_xact_lock_shared(EVENT_LOG_LOCK)))


def publish_events(db: Connection, limit: int) -> int:
    """Append the oldest committed events to the log, and queue them for webhooks; returns how many.

    Under one advisory lock, held to the commit, so that positions become visible in their
    order: a reader who saw one has seen all before it. With many webhooks they are fewer than
    `limit`; none is left when it returns 0, or somebody else publishes.
    """
    if not db.scalar(select(func.pg_try_advisory_xact_lock(EVENT_LOG_LOCK))):
        return 0
    # none is added before the commit
    endpoints = count_endpoints(db)
    waiting = (
        select(OutboxMessage)
        .where(OutboxMessage.kind == OutboxKind.EVENT, OutboxMessage.status == PENDING)
        .order_by(OutboxMessage.written)
        .limit(min(limit, most_events(endpoints)))
        .subquery()
    )
    last = db.scalar(select(func.coalesce(func.max(EventLog.position), 0))) or 0
    place = literal(last, BigInteger) + func.row_number().over(order_by=waiting.c.written)
    events = select(
        place, waiting.c.id, waiting.c.topic, waiting.c.created_at, waiting.c.payload
    ).order_by(waiting.c.written)
    columns = ["position", "id", "type", "timestamp", "data"]
    published = db.execute(
        insert(EventLog)
        .from_select(columns, events)
        .returning(EventLog.position, EventLog.id, EventLog.type)
    ).all()
    if not published:
        return 0
    db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_([event.id for event in published]))
        .values(status=OutboxStatus.SENT, finished_at=func.clock_timestamp())
    )
    if endpoints:
        fan_out(db, published)
    return len(published)
