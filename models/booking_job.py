"""A booking job: one accepted request, kept until it is decided, and its outcome after.

States: `QUEUED` → `SUCCEEDED` (done), `REFUSED` (a rule says no), `FAILED` (it broke five
times) or `WITHDRAWN` (its student took it back). No state is ever left again. The row has no
foreign keys on purpose: a locked session or step must never block a submit.
"""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Index,
    LargeBinary,
    Sequence,
    SmallInteger,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of


class JobKind(StrEnum):
    """What a job asks for: by students, by the product itself (`PROMOTE`), and by staff."""

    BOOK_STEP = "BOOK_STEP"
    CHANGE_STEP = "CHANGE_STEP"
    CANCEL_STEP = "CANCEL_STEP"
    BULK_BOOK = "BULK_BOOK"
    JOIN_WAITLIST = "JOIN_WAITLIST"
    LEAVE_WAITLIST = "LEAVE_WAITLIST"
    PROMOTE = "PROMOTE"
    BOOK_SEAT = "BOOK_SEAT"
    ADD_SESSION = "ADD_SESSION"
    CANCEL_SESSION = "CANCEL_SESSION"
    MOVE_SESSION = "MOVE_SESSION"
    SET_CAPACITY = "SET_CAPACITY"
    MARK_ATTENDANCE = "MARK_ATTENDANCE"
    CANCEL_PACKAGE = "CANCEL_PACKAGE"


class Priority(IntEnum):
    """Who comes first in a lane, before the order of arrival.

    Promotions and leaving a waitlist take nothing from anybody: a freed seat is the waitlist's
    before a newcomer is judged, and who leaves in time must not be promoted.
    """

    WAITLIST = -1
    STAFF = 0
    ORDINARY = 1


class JobStatus(StrEnum):
    """Where a job stands; every state but `QUEUED` is final."""

    QUEUED = "QUEUED"
    SUCCEEDED = "SUCCEEDED"
    REFUSED = "REFUSED"
    FAILED = "FAILED"
    WITHDRAWN = "WITHDRAWN"


ARRIVAL = Sequence("booking_job_arrival_seq", metadata=Base.metadata)


class BookingJob(Base):
    """One submitted request and its outcome: what the client polls.

    `arrival` is the order of acceptance; `lanes` are the queue lanes that it waits in.
    `session_id` is the session that a promotion or a staff job is about, `submitted_from` the
    network address of a member of staff. What the product asks for by itself has `submitted_by`
    and `user_id` 0, as no person has.
    """

    __tablename__ = "booking_job"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=JobStatus.QUEUED)
    submitted_by: Mapped[int]
    user_id: Mapped[int]
    student_package_id: Mapped[int | None]
    course_step_id: Mapped[int | None]
    session_id: Mapped[int | None]
    submitted_from: Mapped[str | None]
    request: Mapped[dict[str, Any]]
    idempotency_key: Mapped[str | None]
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary)
    arrival: Mapped[int] = mapped_column(BigInteger, ARRIVAL, server_default=ARRIVAL.next_value())
    lanes: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    submitted_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    task_id: Mapped[str | None]
    retry_of: Mapped[UUID | None]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]

    __table_args__ = (
        one_of("kind", JobKind),
        CheckConstraint(
            "CASE status"
            " WHEN 'QUEUED' THEN decided_at IS NULL AND result IS NULL AND error IS NULL"
            " WHEN 'SUCCEEDED' THEN decided_at IS NOT NULL AND result IS NOT NULL"
            " WHEN 'REFUSED' THEN decided_at IS NOT NULL AND error IS NOT NULL"
            " WHEN 'FAILED' THEN decided_at IS NOT NULL AND error IS NOT NULL"
            " WHEN 'WITHDRAWN' THEN decided_at IS NOT NULL"
            " ELSE false END",
            name="status",
        ),
        Index(
            "uq_booking_job_submitted_by_idempotency_key",
            "submitted_by",
            "idempotency_key",
            unique=True,
            postgresql_where=text("idempotency_key IS NOT NULL"),
        ),
        Index(
            "ix_booking_job_queued_of_package",
            "student_package_id",
            "arrival",
            postgresql_where=text("status = 'QUEUED'"),
        ),
        Index(
            "uq_booking_job_open_promotion",
            "session_id",
            unique=True,
            postgresql_where=text("kind = 'PROMOTE' AND status = 'QUEUED'"),
        ),
        Index("ix_booking_job_failed", "arrival", postgresql_where=text("status = 'FAILED'")),
        Index(None, "submitted_by", "arrival"),
        Index(None, "user_id", "arrival"),
        Index(None, "decided_at"),
    )


STILL_QUEUED = BookingJob.status.concat("") == JobStatus.QUEUED
"""`status == QUEUED`, of jobs that are looked up by their id, in words that no index answers.

The planner knows how long the queue was at the last ANALYZE. If it was empty, an index of what is
queued looks like the shortest way to any job, and the first minutes of a rush would read it whole
for each of them.
"""


class JobQueue(Base):
    """The thin queue: one row for each lane a job waits in, deleted with its decision.

    Kept apart from the jobs so that finding the oldest one costs the same however many jobs
    were ever decided.
    """

    __tablename__ = "job_queue"

    lane: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    priority: Mapped[int] = mapped_column(SmallInteger, primary_key=True, server_default="1")
    arrival: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    job_id: Mapped[UUID]
    submitted_at: Mapped[datetime]


class DecidingMarker(Base):
    """Which jobs of a lane are being decided at this moment.

    Committed on a connection of its own while the lane's lock is held and deleted with the
    decision: whoever takes the lane and still finds another process's knows that this one died
    over these jobs. Unlogged, because after a crash of the server there is nobody left to suspect.
    """

    __tablename__ = "deciding_marker"

    lane: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    job_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    written_by: Mapped[UUID]
    written_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 - the name and form are SQLAlchemy's
