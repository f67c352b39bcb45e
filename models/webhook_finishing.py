"""Notes what became of an attempt: the delivery's state, and the endpoint's.

Guarded by the lease's token, so that a sender that slept past its lease changes nothing.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Float, Interval, Row, bindparam, case, func, null, update

from models.webhook import DeliveryStatus, DisabledReason, WebhookDelivery, WebhookEndpoint
from models.webhook_claims import ATTEMPTS, NOW, PAUSES, Claimed, lock_endpoint
from models.webhook_disabling import disable_endpoint, tell_staff

GONE = 410
FAILING_FOR = timedelta(days=5)
"""Failing for this long without a success, an endpoint is disabled."""
QUIET = timedelta(days=2)
"""So long after the last failure the next one is a first one: while anything waits for an endpoint
that fails, it is tried once a day at least."""
JITTER = 0.1
"""By how much of itself a pause is longer at most, so that not all come back at once."""
LONGEST_ERROR = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What an attempt came to: the status, where an answer came, and what was wrong, if it was."""

    status: int | None
    error: str | None

    @property
    def is_success(self) -> bool:
        """Whether the endpoint has the event now."""
        return self.error is None


@dataclass(frozen=True, slots=True)
class Finished:
    """What an answer did: whether the delivery will never be sent, whether to the endpoint none.

    `locked` is the endpoint as it stands; None where it changed.
    """

    dead: bool = False
    disabled: DisabledReason | None = None
    locked: Row[Any] | None = field(default=None, compare=False)


def finish(db: Connection, claimed: Claimed, answer: Answer) -> Finished | None:
    """Note the answer to a delivery; None when the lease went to somebody else meanwhile."""
    endpoint = lock_endpoint(db, claimed.endpoint_id)
    dead = not answer.is_success and (answer.status == GONE or claimed.attempts >= ATTEMPTS)
    if not _note(db, claimed, answer, dead=dead):
        return None
    if endpoint is None or not endpoint.enabled:
        return Finished(dead, locked=endpoint)
    if answer.is_success and endpoint.failing_since is not None:
        db.execute(_IS_WELL, {"of_endpoint": claimed.endpoint_id})
        return Finished()
    if answer.is_success or (claimed.is_test and answer.status != GONE):
        return Finished(dead, locked=endpoint)
    return Finished(dead, _note_failure(db, claimed.endpoint_id, answer))


def _note_failure(db: Connection, endpoint_id: int, answer: Answer) -> DisabledReason | None:
    """Note that the endpoint fails, and disable it where that is due; returns why."""
    fails_too_long = db.scalar(_FAILS, {"of_endpoint": endpoint_id})
    if answer.status == GONE:
        return _disable(db, endpoint_id, DisabledReason.GONE)
    return _disable(db, endpoint_id, DisabledReason.FAILING) if fails_too_long else None


def _disable(db: Connection, endpoint_id: int, reason: DisabledReason) -> DisabledReason:
    disable_endpoint(db, endpoint_id, reason)
    tell_staff(db, endpoint_id)
    return reason


def _note(db: Connection, claimed: Claimed, answer: Answer, *, dead: bool) -> bool:
    """Note what the delivery came to; False when the lease went to somebody else."""
    said = {
        "of_delivery": claimed.id,
        "held": claimed.token,
        "status_said": answer.status,
        "error": answer.error and answer.error[:LONGEST_ERROR],
    }
    if answer.is_success or dead:
        noted = db.execute(_DEAD if dead else _DELIVERED, said)
    else:
        pause = PAUSES[claimed.attempts - 1]
        noted = db.execute(_AGAIN, said | {"seconds": pause.total_seconds()})
    return bool(noted.all())


def _noting(**values: Any) -> Any:
    """How to note what became of a delivery, by whoever still holds its lease."""
    return (
        update(WebhookDelivery)
        .where(
            WebhookDelivery.id == bindparam("of_delivery"),
            # in words that no index of what is open answers: see STILL_QUEUED
            WebhookDelivery.status.concat("") == DeliveryStatus.SENDING,
            WebhookDelivery.lease_token == bindparam("held"),
        )
        .values(
            lease_token=None,
            lease_until=None,
            response_status=bindparam("status_said"),
            last_error=bindparam("error"),
            **values,
        )
        .returning(WebhookDelivery.id)
    )


_SECONDS = bindparam("seconds", type_=Float) * (1 + JITTER * func.random(type_=Float))
# years, months, weeks, days, hours and minutes come first
_PAUSE = func.make_interval(0, 0, 0, 0, 0, 0, _SECONDS, type_=Interval)
_DELIVERED = _noting(status=DeliveryStatus.DELIVERED, finished_at=func.clock_timestamp())
_DEAD = _noting(status=DeliveryStatus.DEAD, finished_at=func.clock_timestamp())
_AGAIN = _noting(status=DeliveryStatus.PENDING, next_attempt_at=func.clock_timestamp() + _PAUSE)
_OF_ENDPOINT = WebhookEndpoint.id == bindparam("of_endpoint")
_IS_WELL = (
    update(WebhookEndpoint).where(_OF_ENDPOINT).values(failing_since=null(), last_failed_at=null())
)
_FAILS = (
    update(WebhookEndpoint)
    .where(_OF_ENDPOINT)
    .values(
        failing_since=case(
            (WebhookEndpoint.last_failed_at > NOW - QUIET, WebhookEndpoint.failing_since),
            else_=NOW,
        ),
        last_failed_at=NOW,
    )
    .returning(WebhookEndpoint.failing_since <= NOW - FAILING_FOR)
)
