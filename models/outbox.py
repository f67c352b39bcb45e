"""Messages that must leave, written in the transaction that caused them.

States: `PENDING` → `SENDING` (leased by one courier) → `SENT`, back to `PENDING` with a later
`next_attempt_at` after a passing failure, `DEAD` after the last attempt or a final refusal,
`SUPERSEDED` when it isn't so any more: when it failed and waits, and a later one says how the seat
of the same step stands (`models/couriers.py`), or when nobody needs it by the time it is sent.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of


class OutboxKind(StrEnum):
    """How a message leaves."""

    MAIL = "MAIL"
    EVENT = "EVENT"


class OutboxStatus(StrEnum):
    """Where a message stands."""

    PENDING = "PENDING"
    SENDING = "SENDING"
    SENT = "SENT"
    DEAD = "DEAD"
    SUPERSEDED = "SUPERSEDED"


class OutboxMessage(Base):
    """One mail or event: what it is about, what it says, and how its sending goes."""

    __tablename__ = "outbox_message"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    written: Mapped[int] = mapped_column(BigInteger, Identity())
    kind: Mapped[str]
    topic: Mapped[str]
    user_id: Mapped[int | None]
    student_package_id: Mapped[int | None]
    course_step_id: Mapped[int | None]
    booking_job_id: Mapped[UUID | None]
    resend_of: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(server_default=OutboxStatus.PENDING)
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    finished_at: Mapped[datetime | None]
    last_error: Mapped[str | None]

    __table_args__ = (
        one_of("kind", OutboxKind),
        one_of("status", OutboxStatus),
        CheckConstraint(
            "(status = 'SENDING') = (lease_token IS NOT NULL)", name="sending_has_lease"
        ),
        Index(
            "ix_outbox_message_open",
            "kind",
            "written",
            postgresql_where=text("status IN ('PENDING', 'SENDING')"),
        ),
        Index(
            "ix_outbox_message_open_step",
            "student_package_id",
            "course_step_id",
            "written",
            # not in the words of the index above, which would answer for this one, and badly
            postgresql_where=text("finished_at IS NULL"),
        ),
        Index(
            "ix_outbox_message_leased", "lease_until", postgresql_where=text("status = 'SENDING'")
        ),
        Index(None, "booking_job_id"),
        Index(
            "ix_outbox_message_never_sent",
            "status",
            "kind",
            "id",
            postgresql_where=text("status IN ('DEAD', 'SUPERSEDED')"),
        ),
        Index(None, "resend_of", postgresql_where=text("resend_of IS NOT NULL")),
    )
