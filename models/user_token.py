"""Secrets in the addresses that people are given: who has the address needs no other login."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.people import UserAccount


class TokenPurpose(StrEnum):
    """What an address lets one do: read a calendar, or end the reminders."""

    CALENDAR = "CALENDAR"
    UNSUBSCRIBE = "UNSUBSCRIBE"


class UserToken(Base):
    """One person's secret for one purpose; another one in its place ends the old address."""

    __tablename__ = "user_token"

    user_id: Mapped[int] = mapped_column(
        ForeignKey(UserAccount.id, ondelete="CASCADE", onupdate="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    purpose: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[str]
    created_at: Mapped[datetime]

    __table_args__ = (
        one_of("purpose", TokenPurpose),
        Index("uq_user_token_token", "token", unique=True),
    )
