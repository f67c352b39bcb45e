"""The seat ledger: every change of a session's `seats_taken`, for good."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class SeatLedger(Base):
    """One change of `seats_taken`, with who, which job and why; rows are only ever added.

    Its ids are plain: what was, stays told when a session or a booking is gone.
    """

    __tablename__ = "seat_ledger"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    session_id: Mapped[int]
    booking_id: Mapped[int | None]
    change: Mapped[int]
    cause: Mapped[str]
    actor_id: Mapped[int | None]
    booking_job_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    __table_args__ = (
        CheckConstraint("change <> 0", name="change"),
        Index(None, "session_id"),
    )
