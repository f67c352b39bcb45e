"""Endpoints, events and deliveries as the product leaves them, for tests."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, insert, text

from models.auditing import Actor
from models.event_publishing import publish_events
from models.new_id import new_id
from models.outbox import OutboxKind, OutboxMessage
from models.webhook_endpoints import create_endpoint

ACTOR = Actor(1, "192.0.2.7", datetime.now(UTC))


def endpoint(engine: Engine, url: str, *event_types: str, by: int | None = None) -> Any:
    """An enabled endpoint, with its secret."""
    actor = Actor(by, "192.0.2.7", datetime.now(UTC))
    with engine.begin() as db:
        return create_endpoint(db, url, list(event_types) or None, actor)


def happens(engine: Engine, *types: str, data: dict[str, Any] | None = None) -> list[UUID]:
    """Events of these types, in the log."""
    ids = wait_for_places(engine, *types, data=data)
    publish_all(engine)
    return ids


def wait_for_places(engine: Engine, *types: str, data: dict[str, Any] | None = None) -> list[UUID]:
    """Events of these types that have committed, and wait for their place in the log."""
    ids = [new_id() for _ in types]
    with engine.begin() as db:
        for id_, topic in zip(ids, types, strict=True):
            row = {"id": id_, "kind": OutboxKind.EVENT, "topic": topic, "payload": data or {}}
            db.execute(insert(OutboxMessage).values(**row))
    return ids


def publish_all(engine: Engine) -> None:
    published = 1
    while published:
        with engine.begin() as db:
            published = publish_events(db, 500)


def deliveries(engine: Engine, what: str = "status") -> list[Any]:
    """One column, or an expression, of all deliveries in their order."""
    with engine.connect() as db:
        return list(db.scalars(text(f"SELECT {what} FROM webhook_delivery ORDER BY id")))


def change(engine: Engine, statement: str, **values: Any) -> None:
    with engine.begin() as db:
        db.execute(text(statement), values)


def make_due(engine: Engine) -> None:
    """As if the time of all pauses had passed."""
    change(engine, "UPDATE webhook_delivery SET next_attempt_at = now() WHERE status = 'PENDING'")


def end_leases(engine: Engine) -> None:
    """As if the time of all leases had passed."""
    change(
        engine,
        "UPDATE webhook_delivery SET lease_until = now() - interval '1 s' WHERE status = 'SENDING'",
    )
