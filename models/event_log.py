"""The event log: what happened, in an order that readers can follow without missing a row."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class EventLog(Base):
    """One event with its place in the log; rows are only ever added.

    `position` is given under one advisory lock to events whose transaction has committed, so a
    reader who saw position n has seen all before it.
    """

    __tablename__ = "event_log"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[UUID]
    type: Mapped[str]
    timestamp: Mapped[datetime]
    data: Mapped[dict[str, Any]]

    __table_args__ = (Index(None, "id", unique=True), Index(None, "type", "position"))
