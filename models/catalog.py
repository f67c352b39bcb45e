"""What is taught: programs, their steps, the group classes and their dated sessions."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, GivenId, one_of
from models.people import UserAccount


class SessionStatus(StrEnum):
    """Whether a session takes place."""

    SCHEDULED = "SCHEDULED"
    CANCELLED = "CANCELLED"


class CourseProgram(Base):
    """An ordered course with its on-sale moment and its own change and cancel windows (hours)."""

    __tablename__ = "course_program"

    id: Mapped[GivenId]
    title: Mapped[str]
    ordered: Mapped[bool] = mapped_column(server_default=false())
    booking_opens_at: Mapped[datetime | None]
    change_window_hours: Mapped[int | None]
    cancel_window_hours: Mapped[int | None]

    __table_args__ = (
        CheckConstraint("change_window_hours >= 0", name="change_window_hours"),
        CheckConstraint("cancel_window_hours >= 0", name="cancel_window_hours"),
    )


class CourseStep(Base):
    """One step of a program; each is taken in one session of a group class."""

    __tablename__ = "course_step"

    id: Mapped[GivenId]
    course_program_id: Mapped[int] = mapped_column(ForeignKey(CourseProgram.id))
    label: Mapped[str]
    title: Mapped[str]
    step_order: Mapped[int]
    is_required: Mapped[bool] = mapped_column(server_default=true())

    __table_args__ = (UniqueConstraint("course_program_id", "step_order"),)


class GroupClass(Base):
    """A class with a teacher, the venue's IANA time zone and many dated sessions."""

    __tablename__ = "group_class"

    id: Mapped[GivenId]
    name: Mapped[str]
    teacher_id: Mapped[int] = mapped_column(ForeignKey(UserAccount.id))
    capacity_max: Mapped[int]
    time_zone: Mapped[str] = mapped_column(server_default="UTC")

    __table_args__ = (
        CheckConstraint("capacity_max >= 0", name="capacity_max"),
        Index(None, "teacher_id"),
    )


class CourseSession(Base):
    """One dated instance of a group class, with its seats.

    `seats_taken` is the number of seat-holding bookings; the check below is the last line
    against an oversold session, behind the locks of `models.deciding`.
    """

    __tablename__ = "session"

    id: Mapped[GivenId]
    group_class_id: Mapped[int] = mapped_column(ForeignKey(GroupClass.id))
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    capacity_max: Mapped[int]
    seats_taken: Mapped[int] = mapped_column(server_default=text("0"))
    status: Mapped[str] = mapped_column(server_default=SessionStatus.SCHEDULED)

    __table_args__ = (
        CheckConstraint("seats_taken >= 0 AND seats_taken <= capacity_max", name="seats_taken"),
        CheckConstraint("start_at < end_at", name="start_before_end"),
        one_of("status", SessionStatus),
        UniqueConstraint("id", "group_class_id"),
        Index(None, "group_class_id", "start_at"),
        Index(None, "start_at", "id"),
    )


class CourseStepOption(Base):
    """Says that a step can be taken in a group class."""

    __tablename__ = "course_step_option"

    id: Mapped[GivenId]
    course_step_id: Mapped[int] = mapped_column(ForeignKey(CourseStep.id))
    group_class_id: Mapped[int] = mapped_column(ForeignKey(GroupClass.id))
    is_active: Mapped[bool] = mapped_column(server_default=true())

    __table_args__ = (
        UniqueConstraint("course_step_id", "group_class_id"),
        Index(None, "group_class_id"),
    )
