"""What was or will be sent to an endpoint, and what staff add to it: tests and replays."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, literal, select

from models.auditing import Actor, note_deed
from models.event_log import EventLog
from models.event_types import TEST_TYPE
from models.new_id import new_id
from models.webhook import DeliveryCause, WebhookDelivery, WebhookEndpoint
from models.webhook_claims import lock_endpoint
from models.webhook_fanout import COLUMNS, wants

REPLAYED_AT_ONCE = 10_000
"""How many events of the log one replay looks at: a second's work."""


@dataclass(frozen=True, slots=True)
class Replay:
    """How many deliveries a replay queued, and where the next one goes on; None at the end."""

    queued: int
    next: int | None


def list_deliveries(
    db: Connection, endpoint_id: int, *, before_id: int | None, limit: int
) -> list[Row[Any]]:
    """What was or will be sent to this endpoint, the newest first."""
    query = _DELIVERIES.where(WebhookDelivery.webhook_endpoint_id == endpoint_id)
    if before_id is not None:
        query = query.where(WebhookDelivery.id < before_id)
    return list(db.execute(query.order_by(WebhookDelivery.id.desc()).limit(limit)))


def queue_test(db: Connection, endpoint_id: int, actor: Actor) -> Row[Any] | None:
    """Queue an event of type `webhook.test`, which stands in no log; None without an endpoint."""
    if lock_endpoint(db, endpoint_id) is None:
        return None
    note_deed(db, actor, "test_webhook", subject="webhook_endpoint", subject_id=endpoint_id)
    return db.execute(
        insert(WebhookDelivery)
        .values(
            webhook_endpoint_id=endpoint_id,
            cause=DeliveryCause.TEST,
            event_id=new_id(),
            event_type=TEST_TYPE,
        )
        .returning(*_SHOWN)
    ).one()


def replay(db: Connection, endpoint_id: int, after: int, actor: Actor) -> Replay | None:
    """Queue the events behind this position once more that the endpoint wants.

    At most those among the next 10,000 of the log, so that it takes no longer with millions; None
    without an endpoint.
    """
    # without its lock, which senders need meanwhile
    if db.scalar(_IS_THERE, {"of_endpoint": endpoint_id}) is None:
        return None
    last = db.scalar(_LAST_OF_NEXT, {"after": after, "limit": REPLAYED_AT_ONCE})
    through = after if last is None else last
    given = {"of_endpoint": endpoint_id, "after": after, "through": through}
    queued = db.execute(_REPLAY, given).rowcount
    has_more = db.scalar(_LAST_OF_NEXT, {"after": through, "limit": 1}) is not None
    detail = {"after": after, "through": through, "queued": queued}
    note_deed(
        db,
        actor,
        "replay_webhook",
        subject="webhook_endpoint",
        subject_id=endpoint_id,
        detail=detail,
    )
    return Replay(queued, through if has_more else None)


def _last_of_next() -> Any:
    following = (
        select(EventLog.position)
        .where(EventLog.position > bindparam("after"))
        .order_by(EventLog.position)
        .limit(bindparam("limit"))
        .subquery()
    )
    return select(func.max(following.c.position))


def _replaying() -> Any:
    events = (
        select(
            WebhookEndpoint.id,
            literal(DeliveryCause.REPLAY.value),
            EventLog.id,
            EventLog.type,
            EventLog.position,
        )
        .join(WebhookEndpoint, wants(EventLog.type))
        .where(
            WebhookEndpoint.id == bindparam("of_endpoint"),
            EventLog.position > bindparam("after"),
            EventLog.position <= bindparam("through"),
        )
        .order_by(EventLog.position)
    )
    return insert(WebhookDelivery).from_select(COLUMNS, events)


_SHOWN: tuple[Any, ...] = (
    WebhookDelivery.id,
    WebhookDelivery.event_id,
    WebhookDelivery.event_type,
    WebhookDelivery.position.label("cursor"),
    WebhookDelivery.cause,
    WebhookDelivery.status,
    WebhookDelivery.attempts,
    WebhookDelivery.next_attempt_at,
    WebhookDelivery.created_at,
    WebhookDelivery.finished_at,
    WebhookDelivery.response_status,
    WebhookDelivery.last_error,
)
_DELIVERIES = select(*_SHOWN)
_IS_THERE = select(WebhookEndpoint.id).where(
    WebhookEndpoint.id == bindparam("of_endpoint"), WebhookEndpoint.deleted_at.is_(None)
)
_LAST_OF_NEXT = _last_of_next()
_REPLAY = _replaying().execution_options(preserve_rowcount=True)
