"""What a student bought and how far they are: cohorts, packages and progress."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, GivenId, one_of
from models.catalog import CourseProgram, CourseSession, CourseStep, CourseStepOption, GroupClass
from models.people import UserAccount


class PackageStatus(StrEnum):
    """Whether a package can be used."""

    ACTIVE = "ACTIVE"
    CANCELLED = "CANCELLED"


class ProgressStatus(StrEnum):
    """How far a student is with one step."""

    UNBOOKED = "UNBOOKED"
    BOOKED = "BOOKED"
    COMPLETED = "COMPLETED"


class CourseCohort(Base):
    """A run of a program."""

    __tablename__ = "course_cohort"

    id: Mapped[GivenId]
    course_program_id: Mapped[int] = mapped_column(ForeignKey(CourseProgram.id))
    name: Mapped[str]


class CourseCohortSession(Base):
    """A cohort's pin: in this run, the option means this one session."""

    __tablename__ = "course_cohort_session"

    course_cohort_id: Mapped[int] = mapped_column(ForeignKey(CourseCohort.id), primary_key=True)
    course_step_option_id: Mapped[int] = mapped_column(
        ForeignKey(CourseStepOption.id), primary_key=True
    )
    session_id: Mapped[int] = mapped_column(ForeignKey(CourseSession.id))


class StudentPackage(Base):
    """A course package that a student bought."""

    __tablename__ = "student_package"

    id: Mapped[GivenId]
    user_id: Mapped[int] = mapped_column(ForeignKey(UserAccount.id))
    course_cohort_id: Mapped[int] = mapped_column(ForeignKey(CourseCohort.id))
    package_name: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=PackageStatus.ACTIVE)
    expires_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("status", PackageStatus),
        UniqueConstraint("id", "user_id"),
        Index(None, "user_id"),
        Index(None, "course_cohort_id"),
    )


class StudentCourseStepProgress(Base):
    """One row per package and step: not booked, booked, or completed.

    The composite foreign key says in one piece what domain.md's third invariant asks: a booked
    step points at a booking of the same package and step, in the group class named here, that
    holds a seat. It is checked at commit, so a swap may pass through states that break it.
    """

    __tablename__ = "student_course_step_progress"

    id: Mapped[GivenId]
    student_package_id: Mapped[int] = mapped_column(ForeignKey(StudentPackage.id))
    course_step_id: Mapped[int] = mapped_column(ForeignKey(CourseStep.id))
    status: Mapped[str] = mapped_column(server_default=ProgressStatus.UNBOOKED)
    group_class_id: Mapped[int | None] = mapped_column(ForeignKey(GroupClass.id))
    booking_id: Mapped[int | None]
    booked_at: Mapped[datetime | None]
    calendar_sequence: Mapped[int | None] = mapped_column(Integer)
    booking_holds_seat: Mapped[bool | None] = mapped_column(
        Boolean,
        Computed("CASE WHEN booking_id IS NOT NULL THEN true END", persisted=True),
    )

    __table_args__ = (
        one_of("status", ProgressStatus),
        UniqueConstraint("student_package_id", "course_step_id", name="uq_progress_package_step"),
        CheckConstraint(
            "booking_id IS NULL OR group_class_id IS NOT NULL", name="booking_has_group_class"
        ),
        CheckConstraint(
            "CASE status WHEN 'UNBOOKED' THEN booking_id IS NULL"
            " WHEN 'BOOKED' THEN booking_id IS NOT NULL ELSE true END",
            name="status_matches_booking",
        ),
        ForeignKeyConstraint(
            [
                "booking_id",
                "student_package_id",
                "course_step_id",
                "group_class_id",
                "booking_holds_seat",
            ],
            [
                "booking.id",
                "booking.student_package_id",
                "booking.course_step_id",
                "booking.group_class_id",
                "booking.holds_seat",
            ],
            name="fk_student_course_step_progress_booking",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        Index(None, "course_step_id"),
        Index(
            "uq_student_course_step_progress_booking_id",
            "booking_id",
            unique=True,
            postgresql_where=text("booking_id IS NOT NULL"),
        ),
    )
