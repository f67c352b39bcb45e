"""Reminders that were due: one per booking, kind and start."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.booking import Booking


class ReminderKind(StrEnum):
    """What a reminder is about."""

    BEFORE_START = "BEFORE_START"


class Reminder(Base):
    """A reminder that became due, and the message that brings it.

    Unique, so that however many look for what is due, one message is written; another start is
    another reminder (domain.md, Reminders). Another message takes the place of one that was
    superseded.
    """

    __tablename__ = "reminder"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    booking_id: Mapped[int] = mapped_column(
        ForeignKey(Booking.id, ondelete="CASCADE", onupdate="CASCADE")
    )
    kind: Mapped[str]
    start_at: Mapped[datetime]
    due_at: Mapped[datetime]
    outbox_message_id: Mapped[UUID]
    created_at: Mapped[datetime]

    __table_args__ = (
        one_of("kind", ReminderKind),
        Index(
            "uq_reminder_booking_id_kind_start_at", "booking_id", "kind", "start_at", unique=True
        ),
    )
