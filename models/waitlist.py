"""The waitlist: who waits for a seat of a full session, in the order of joining.

An entry is for one session, or for any session of an option's class (`session_id` null). A
student may wait with several entries for a step; the first that is promoted ends the others.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.catalog import CourseStepOption, GroupClass
from models.enrolment import StudentCourseStepProgress, StudentPackage


class WaitlistStatus(StrEnum):
    """Where an entry stands; every state but `WAITING` is final."""

    WAITING = "WAITING"
    PROMOTED = "PROMOTED"
    LEFT = "LEFT"
    ENDED = "ENDED"


class EndReason(StrEnum):
    """Why an entry ended without being promoted or left."""

    SEATED_ELSEWHERE = "SEATED_ELSEWHERE"
    SESSION_CANCELLED = "SESSION_CANCELLED"
    SESSION_PASSED = "SESSION_PASSED"
    PACKAGE_CANCELLED = "PACKAGE_CANCELLED"


class WaitlistEntry(Base):
    """One place in the line; its id is the order of joining.

    `booking_job_id` is the job that joined, `booking_id` the booking that a promotion made.
    An entry never keeps what it is about from being deleted: it goes along.
    """

    __tablename__ = "waitlist_entry"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[int]
    student_package_id: Mapped[int]
    course_step_id: Mapped[int]
    course_step_option_id: Mapped[int] = mapped_column(
        ForeignKey(CourseStepOption.id, ondelete="CASCADE", onupdate="CASCADE")
    )
    group_class_id: Mapped[int] = mapped_column(
        ForeignKey(GroupClass.id, ondelete="CASCADE", onupdate="CASCADE")
    )
    session_id: Mapped[int | None]
    status: Mapped[str] = mapped_column(server_default=WaitlistStatus.WAITING)
    joined_at: Mapped[datetime]
    booking_job_id: Mapped[UUID]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    booking_id: Mapped[int | None]

    __table_args__ = (
        one_of("status", WaitlistStatus),
        one_of("end_reason", EndReason),
        CheckConstraint("(status = 'WAITING') = (ended_at IS NULL)", name="waiting_has_no_end"),
        CheckConstraint("(status = 'ENDED') = (end_reason IS NOT NULL)", name="ended_says_why"),
        CheckConstraint(
            "(status = 'PROMOTED') = (booking_id IS NOT NULL)", name="promoted_has_booking"
        ),
        ForeignKeyConstraint(
            ["student_package_id", "user_id"],
            [StudentPackage.id, StudentPackage.user_id],
            ondelete="CASCADE",
            onupdate="CASCADE",
        ),
        ForeignKeyConstraint(
            ["student_package_id", "course_step_id"],
            [
                StudentCourseStepProgress.student_package_id,
                StudentCourseStepProgress.course_step_id,
            ],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["session_id", "group_class_id"],
            ["session.id", "session.group_class_id"],
            ondelete="CASCADE",
            onupdate="CASCADE",
        ),
        Index(
            "uq_waitlist_entry_waiting",
            "student_package_id",
            "course_step_id",
            "course_step_option_id",
            func.coalesce(text("session_id"), text("0")),
            unique=True,
            postgresql_where=text("status = 'WAITING'"),
        ),
        Index(
            "ix_waitlist_entry_line",
            "group_class_id",
            "id",
            postgresql_where=text("status = 'WAITING'"),
        ),
        Index(
            "ix_waitlist_entry_session",
            "session_id",
            "id",
            postgresql_where=text("status = 'WAITING'"),
        ),
        Index(None, "student_package_id", "course_step_id"),
    )


class WaitlistSkip(Base):
    """A promotion that passed an entry over, and the refusal code that says why."""

    __tablename__ = "waitlist_skip"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    waitlist_entry_id: Mapped[int] = mapped_column(ForeignKey(WaitlistEntry.id, ondelete="CASCADE"))
    session_id: Mapped[int]
    code: Mapped[str]
    message: Mapped[str]
    booking_job_id: Mapped[UUID]
    at: Mapped[datetime]

    __table_args__ = (Index(None, "waitlist_entry_id"),)
