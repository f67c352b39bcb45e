"""Claims deliveries for sending, at most so many of an endpoint at a time.

A claim is a lease, as in `models/couriers.py`. How many of an endpoint are under way is counted
under the lock of its row, so that any number of senders keep to it together.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    update,
)

from models.event_listing import Event, find_event
from models.webhook import DeliveryStatus, WebhookDelivery, WebhookEndpoint

LEASE = timedelta(seconds=30)
"""Three times as long as an exchange may take."""
PLACES = 4
"""How many deliveries of an endpoint are under way at most."""
PLACES_WHILE_FAILING = 1
PAUSES = [
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
]
"""How long to wait after the first, second, … failed attempt, as Standard Webhooks has it."""
ATTEMPTS = len(PAUSES) + 1
SENDER_DIED = "its sender died at the last attempt"
EVENT_GONE = "the event isn't in the log any more"
# written into the statement, so that a plan that is kept can use the index of what is open
PENDING: ColumnElement[str] = literal_column("'PENDING'")
SENDING: ColumnElement[str] = literal_column("'SENDING'")
# by the statement's time, as an index finds no volatile one; what is asked after a lock was waited
# for has its own
NOW = func.statement_timestamp()
_LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this sender alone may send until its lease ends.

    `secrets` are those that sign, the newest first; `due` is when it was to be sent.
    """

    id: int
    token: UUID
    attempts: int
    due: datetime
    endpoint_id: int
    url: str
    secrets: tuple[str, ...]
    event: Event

    @property
    def is_test(self) -> bool:
        """Whether staff only try the endpoint out."""
        return self.event.cursor is None


def rescue(db: Connection, endpoint_id: int) -> Row[Any] | None:
    """Put back what senders that died had claimed; what they tried for the last time is dead.

    Returns the endpoint, locked; None where there is none.
    """
    endpoint = lock_endpoint(db, endpoint_id)
    if endpoint is not None:
        db.execute(_RESCUE, {"of_endpoint": endpoint_id})
    return endpoint


def claim(
    db: Connection,
    endpoint_id: int,
    *,
    locked: Row[Any] | None = None,
    behind: Claimed | None = None,
) -> Claimed | None:
    """Claim the delivery that is due the longest, or None; commit before sending.

    None too where all places of the endpoint are taken, or it is disabled. Who has `locked` it in
    this transaction hands it in. Who claims one after the other looks `behind` the last one, and
    so doesn't step over all that left before.
    """
    endpoint = lock_endpoint(db, endpoint_id) if locked is None else locked
    if endpoint is None or not endpoint.enabled:
        return None
    places = PLACES if endpoint.failing_since is None else PLACES_WHILE_FAILING
    while True:
        token = uuid4()
        row = db.execute(
            _CLAIM,
            {
                "of_endpoint": endpoint_id,
                "places": places,
                "token": token,
                "behind": behind.due if behind else _LONG_AGO,
                "behind_id": behind.id if behind else 0,
            },
        ).one_or_none()
        if row is None:
            return None
        event = _event(db, row)
        if event is not None:
            secrets = _secrets(endpoint)
            due, attempts = row.next_attempt_at, row.attempts
            return Claimed(row.id, token, attempts, due, endpoint_id, endpoint.url, secrets, event)
        db.execute(_EVENT_IS_GONE, {"of_delivery": row.id})


def lock_endpoint(db: Connection, endpoint_id: int) -> Row[Any] | None:
    """Lock an endpoint's row and read it; None where it was deleted or never was.

    Whoever changes an endpoint or its deliveries takes this lock first.
    """
    row: Row[Any] | None = db.execute(_LOCK, {"of_endpoint": endpoint_id}).one_or_none()
    return row


def _secrets(endpoint: Row[Any]) -> tuple[str, ...]:
    if endpoint.previous_is_valid:
        return endpoint.secret, endpoint.previous_secret
    return (endpoint.secret,)


def _event(db: Connection, delivery: Row[Any]) -> Event | None:
    if delivery.position is not None:
        return find_event(db, delivery.position)
    return Event(delivery.event_id, None, delivery.event_type, delivery.created_at, {})


def _of_endpoint(status: ColumnElement[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        WebhookDelivery.webhook_endpoint_id == bindparam("of_endpoint"),
        WebhookDelivery.status == status,
    )


def _claiming() -> Any:
    oldest = (
        select(WebhookDelivery.id)
        .where(
            *_of_endpoint(PENDING),
            WebhookDelivery.next_attempt_at <= NOW,
            tuple_(WebhookDelivery.next_attempt_at, WebhookDelivery.id)
            > tuple_(bindparam("behind"), bindparam("behind_id", type_=BigInteger)),
        )
        .order_by(WebhookDelivery.next_attempt_at, WebhookDelivery.id)
        .limit(1)
        .scalar_subquery()
    )
    under_way = (
        select(func.count())
        .select_from(WebhookDelivery)
        .where(*_of_endpoint(SENDING), WebhookDelivery.lease_until > NOW)
        .scalar_subquery()
    )
    return (
        update(WebhookDelivery)
        .where(WebhookDelivery.id == oldest, under_way < bindparam("places"))
        .values(
            status=DeliveryStatus.SENDING,
            attempts=WebhookDelivery.attempts + 1,
            lease_token=bindparam("token"),
            lease_until=func.clock_timestamp() + LEASE,
        )
        .returning(
            WebhookDelivery.id,
            WebhookDelivery.attempts,
            WebhookDelivery.next_attempt_at,
            WebhookDelivery.event_id,
            WebhookDelivery.event_type,
            WebhookDelivery.position,
            WebhookDelivery.created_at,
        )
    )


_PAUSE_AFTER = {number: pause for number, pause in enumerate(PAUSES, 1) if number > 1}


def _rescuing() -> Any:
    is_over = WebhookDelivery.attempts >= ATTEMPTS
    return (
        update(WebhookDelivery)
        .where(*_of_endpoint(SENDING), WebhookDelivery.lease_until <= NOW)
        .values(
            status=case((is_over, literal("DEAD")), else_=literal("PENDING")),
            lease_token=None,
            lease_until=None,
            finished_at=case((is_over, func.clock_timestamp())),
            # a sender that dies again and again must not use up all attempts within minutes
            next_attempt_at=WebhookDelivery.next_attempt_at
            + case(_PAUSE_AFTER, value=WebhookDelivery.attempts, else_=timedelta()),
            last_error=case((is_over, SENDER_DIED), else_=WebhookDelivery.last_error),
        )
    )


_LOCK: Any = (
    select(
        WebhookEndpoint.id,
        WebhookEndpoint.url,
        WebhookEndpoint.enabled,
        WebhookEndpoint.secret,
        WebhookEndpoint.previous_secret,
        func.coalesce(WebhookEndpoint.previous_secret_until > NOW, False).label(
            "previous_is_valid"
        ),
        WebhookEndpoint.failing_since,
    )
    .where(WebhookEndpoint.id == bindparam("of_endpoint"), WebhookEndpoint.deleted_at.is_(None))
    .with_for_update(key_share=True)
)
_CLAIM = _claiming()
_RESCUE = _rescuing()
_EVENT_IS_GONE = (
    update(WebhookDelivery)
    .where(WebhookDelivery.id == bindparam("of_delivery"))
    .values(
        status=DeliveryStatus.DEAD,
        lease_token=None,
        lease_until=None,
        finished_at=func.clock_timestamp(),
        last_error=EVENT_GONE,
    )
)
