"""A booking: one person's seat in one session."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Computed,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, GivenId, one_of
from models.enrolment import StudentCourseStepProgress, StudentPackage
from models.people import UserAccount


class BookingStatus(StrEnum):
    """What became of a booking; all but `CANCELLED` hold a seat."""

    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"
    ATTENDED = "ATTENDED"
    NO_SHOW = "NO_SHOW"


class BookingType(StrEnum):
    """Why the seat is held: a course step, or one that staff gave directly."""

    DROP_IN = "DROP_IN"
    COURSE_STEP = "COURSE_STEP"
    WORKSHOP = "WORKSHOP"


class PaymentStatus(StrEnum):
    """Course steps are paid with the package; the other types may owe."""

    UNPAID = "UNPAID"
    PAID = "PAID"


HOLDS_SEAT = "status IN ('CONFIRMED', 'ATTENDED', 'NO_SHOW')"


class Booking(Base):
    """One person's seat in one session, and all that must never be true of two of them.

    `during` is the session's time, copied at booking. It is null only on rows from before the
    seat rules that already broke one of them: the constraints leave those alone and the
    migration lists them.
    """

    __tablename__ = "booking"

    id: Mapped[GivenId]
    user_id: Mapped[int] = mapped_column(ForeignKey(UserAccount.id))
    session_id: Mapped[int]
    group_class_id: Mapped[int]
    booking_type: Mapped[BookingType] = mapped_column(
        Enum(BookingType, name="booking_type", native_enum=True),
        server_default=BookingType.DROP_IN,
    )
    status: Mapped[str] = mapped_column(server_default=BookingStatus.CONFIRMED)
    payment_status: Mapped[str] = mapped_column(server_default=PaymentStatus.UNPAID)
    course_step_id: Mapped[int | None]
    student_package_id: Mapped[int | None]
    booking_metadata: Mapped[dict[str, Any] | None] = mapped_column(
        "metadata", JSONB(none_as_null=True)
    )
    created_by: Mapped[int | None] = mapped_column(ForeignKey(UserAccount.id))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[int | None]
    cancel_reason: Mapped[str | None]
    booking_job_id: Mapped[UUID | None]
    replaces_booking_id: Mapped[int | None]
    change_until: Mapped[datetime | None]
    cancel_until: Mapped[datetime | None]
    calendar_sequence: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    during: Mapped[Range[datetime] | None] = mapped_column(TSTZRANGE)
    holds_seat: Mapped[bool] = mapped_column(Boolean, Computed(HOLDS_SEAT, persisted=True))

    __table_args__ = (
        one_of("status", BookingStatus),
        one_of("payment_status", PaymentStatus),
        CheckConstraint(
            "booking_type <> 'COURSE_STEP' OR (course_step_id IS NOT NULL"
            " AND student_package_id IS NOT NULL AND payment_status = 'PAID')",
            name="course_step_is_paid_by_package",
        ),
        CheckConstraint(
            "booking_type = 'COURSE_STEP'"
            " OR (course_step_id IS NULL AND student_package_id IS NULL)",
            name="only_course_steps_have_a_package",
        ),
        CheckConstraint("length(cancel_reason) <= 500", name="cancel_reason"),
        ForeignKeyConstraint(
            ["session_id", "group_class_id"], ["session.id", "session.group_class_id"]
        ),
        ForeignKeyConstraint(
            ["student_package_id", "user_id"], [StudentPackage.id, StudentPackage.user_id]
        ),
        ForeignKeyConstraint(
            ["student_package_id", "course_step_id"],
            [
                StudentCourseStepProgress.student_package_id,
                StudentCourseStepProgress.course_step_id,
            ],
        ),
        UniqueConstraint(
            "id",
            "student_package_id",
            "course_step_id",
            "group_class_id",
            "holds_seat",
            name="uq_booking_progress",
        ),
        Index(
            "uq_booking_package_step",
            "student_package_id",
            "course_step_id",
            unique=True,
            postgresql_where=text(HOLDS_SEAT),
        ),
        Index(
            "uq_booking_user_session",
            "user_id",
            "session_id",
            unique=True,
            postgresql_where=text(f"{HOLDS_SEAT} AND during IS NOT NULL"),
        ),
        ExcludeConstraint(
            (text("int8range(user_id, user_id, '[]')"), "&&"),
            ("during", "&&"),
            name="ex_booking_user_during",
            using="gist",
            where=text(HOLDS_SEAT),
        ),
        Index(None, "session_id"),
        Index(None, "user_id", "id"),
    )
