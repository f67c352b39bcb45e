"""The runs of the backfill, and what each made of which step."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of


class RowOutcome(StrEnum):
    """What became of a step: linked to a booking, left as it is, or taken back by an undo.

    A booking that somebody has changed since is kept by an undo.
    """

    LINKED = "LINKED"
    LEFT = "LEFT"
    UNDONE = "UNDONE"
    KEPT = "KEPT"


class BackfillRun(Base):
    """One run: `now` is the moment that it takes sessions after, however long it takes.

    `steps_before` says how many booked steps had no booking when it began, `undone_at` since when
    it is being taken back: from then on it links nothing more.
    """

    __tablename__ = "backfill_run"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    now: Mapped[datetime]
    steps_before: Mapped[int]
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


class BackfillRow(Base):
    """A step as a run found it, and what it made of it; its ids are plain, for good.

    `session_id` is the session that the booking was made for; somebody may have moved it since.
    """

    __tablename__ = "backfill_row"

    backfill_run_id: Mapped[int] = mapped_column(
        ForeignKey(BackfillRun.id, ondelete="CASCADE"), primary_key=True
    )
    progress_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int]
    student_package_id: Mapped[int]
    course_step_id: Mapped[int]
    group_class_id: Mapped[int | None]
    booked_at: Mapped[datetime | None]
    outcome: Mapped[str]
    booking_id: Mapped[int | None]
    session_id: Mapped[int | None]
    code: Mapped[str | None]
    detail: Mapped[str | None]

    __table_args__ = (
        one_of("outcome", RowOutcome),
        CheckConstraint("(outcome = 'LEFT') = (booking_id IS NULL)", name="booking"),
        CheckConstraint("(booking_id IS NULL) = (session_id IS NULL)", name="session"),
        CheckConstraint("outcome <> 'LEFT' OR code IS NOT NULL", name="left_says_why"),
        Index(
            "uq_backfill_row_booking_id",
            "booking_id",
            unique=True,
            postgresql_where=text("booking_id IS NOT NULL"),
        ),
    )
