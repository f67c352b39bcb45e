"""Webhooks: where events are sent to, and what became of each.

A delivery's states: `PENDING` → `SENDING` (leased by one sender) → `DELIVERED`, back to `PENDING`
with a later `next_attempt_at` after a failure, `DEAD` after the last attempt.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.people import UserAccount


class DisabledReason(StrEnum):
    """Why nothing is sent to an endpoint: staff said so, it said so (410), it failed for days."""

    STAFF = "STAFF"
    GONE = "GONE"
    FAILING = "FAILING"


class DeliveryCause(StrEnum):
    """Why something is sent: it happened, staff try the endpoint out, or ask for it again."""

    EVENT = "EVENT"
    TEST = "TEST"
    REPLAY = "REPLAY"


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    PENDING = "PENDING"
    SENDING = "SENDING"
    DELIVERED = "DELIVERED"
    DEAD = "DEAD"


class WebhookEndpoint(Base):
    """An address that events are sent to; `event_types` None means all.

    The previous secret signs beside the new one until `previous_secret_until`. `failing_since` is
    the first failure since the last success, or since two days in which nothing failed.
    """

    __tablename__ = "webhook_endpoint"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    url: Mapped[str]
    event_types: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    secret: Mapped[str]
    previous_secret: Mapped[str | None]
    previous_secret_until: Mapped[datetime | None]
    enabled: Mapped[bool] = mapped_column(server_default=true())
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str | None]
    failing_since: Mapped[datetime | None]
    last_failed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(
        ForeignKey(UserAccount.id, ondelete="SET NULL", onupdate="CASCADE")
    )
    deleted_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("disabled_reason", DisabledReason),
        CheckConstraint(
            "enabled = (disabled_at IS NULL) AND enabled = (disabled_reason IS NULL)",
            name="disabled_says_why",
        ),
        CheckConstraint("deleted_at IS NULL OR NOT enabled", name="deleted_is_disabled"),
        CheckConstraint(
            "(previous_secret IS NULL) = (previous_secret_until IS NULL)",
            name="previous_secret_ends",
        ),
    )


class WebhookDelivery(Base):
    """One event on its way to one endpoint; a test has no position in the event log."""

    __tablename__ = "webhook_delivery"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    webhook_endpoint_id: Mapped[int] = mapped_column(
        ForeignKey(WebhookEndpoint.id, ondelete="CASCADE")
    )
    cause: Mapped[str]
    event_id: Mapped[UUID]
    event_type: Mapped[str]
    position: Mapped[int | None]
    status: Mapped[str] = mapped_column(server_default=DeliveryStatus.PENDING)
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    finished_at: Mapped[datetime | None]
    response_status: Mapped[int | None] = mapped_column(Integer)
    last_error: Mapped[str | None]

    __table_args__ = (
        one_of("cause", DeliveryCause),
        one_of("status", DeliveryStatus),
        CheckConstraint(
            "(status = 'SENDING') = (lease_token IS NOT NULL)", name="sending_has_lease"
        ),
        CheckConstraint("(cause = 'TEST') = (position IS NULL)", name="test_has_no_position"),
        Index(
            "uq_webhook_delivery_event",
            "webhook_endpoint_id",
            "position",
            unique=True,
            postgresql_where=text("cause = 'EVENT'"),
        ),
        Index(None, "webhook_endpoint_id", "id"),
        Index(
            "ix_webhook_delivery_due",
            "webhook_endpoint_id",
            "next_attempt_at",
            "id",
            postgresql_where=text("status = 'PENDING'"),
        ),
        Index(
            "ix_webhook_delivery_leased",
            "webhook_endpoint_id",
            "lease_until",
            postgresql_where=text("status = 'SENDING'"),
        ),
    )
