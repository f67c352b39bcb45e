"""Everything that is kept about one person, table by table.

A column that holds a person's number is named in `NAMING`, and a test says when a new one isn't.
What is about somebody else is left out, where the person merely did it: of a booking that staff
made for a student, they are given its number and when.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import InstrumentedAttribute

from models.audit import AuditEntry
from models.backfill.rows import BackfillRow
from models.base import Base
from models.booking import Booking
from models.booking_job import BookingJob
from models.catalog import GroupClass
from models.enrolment import StudentCourseStepProgress, StudentPackage
from models.event_log import EventLog
from models.migration_finding import MigrationFinding
from models.outbox import OutboxMessage
from models.people import UserAccount
from models.reminder import Reminder
from models.seats import SeatLedger
from models.user_token import UserToken
from models.waitlist import WaitlistEntry, WaitlistSkip
from models.webhook import WebhookDelivery, WebhookEndpoint

PERSON = bindparam("person", type_=BigInteger)
"""The number of the person in question."""
_AS_TEXT = cast(PERSON, Text)

NAMING: tuple[InstrumentedAttribute[Any], ...] = (
    UserAccount.id,
    UserToken.user_id,
    GroupClass.teacher_id,
    StudentPackage.user_id,
    Booking.user_id,
    Booking.created_by,
    Booking.cancelled_by,
    BookingJob.user_id,
    BookingJob.submitted_by,
    WaitlistEntry.user_id,
    OutboxMessage.user_id,
    SeatLedger.actor_id,
    AuditEntry.actor_id,
    WebhookEndpoint.created_by,
    BackfillRow.user_id,
)
"""Every column that holds a person's number; each is asked for below."""

THEIR_PACKAGES = select(StudentPackage.id).where(StudentPackage.user_id == PERSON)
_THEIRS = Booking.user_id == PERSON
THEIR_BOOKINGS = select(Booking.id).where(_THEIRS)
THEIR_JOBS = select(BookingJob.id).where(BookingJob.user_id == PERSON)

_TOOK_THEIR_SEAT = and_(
    SeatLedger.session_id.in_(select(Booking.session_id).where(Booking.user_id == PERSON)),
    SeatLedger.booking_id.in_(THEIR_BOOKINGS),
)
ABOUT_THEM: ColumnElement[bool] = or_(
    and_(
        AuditEntry.subject == StudentPackage.__tablename__,
        AuditEntry.subject_id.in_(THEIR_PACKAGES),
    ),
    and_(AuditEntry.subject == UserAccount.__tablename__, AuditEntry.subject_id == PERSON),
    AuditEntry.booking_job_id.in_(THEIR_JOBS),
    # the job may have been purged: what was asked for says whom it was about
    AuditEntry.detail["user_id"].astext == _AS_TEXT,
    AuditEntry.detail["booking_id"].astext.in_(select(cast(Booking.id, Text)).where(_THEIRS)),
)
"""Whether an entry of the audit log is about them."""
FOUND_OF_THEM: ColumnElement[bool] = or_(
    and_(
        MigrationFinding.subject == Booking.__tablename__,
        MigrationFinding.subject_id.in_(THEIR_BOOKINGS),
    ),
    and_(
        MigrationFinding.subject == StudentPackage.__tablename__,
        MigrationFinding.subject_id.in_(THEIR_PACKAGES),
    ),
    MigrationFinding.detail["user_id"].astext == _AS_TEXT,
)
"""Whether a migration found it in old rows of theirs."""
_NAMES_THEIR_BOOKING = (
    select(Booking.id)
    .where(
        Booking.user_id == PERSON,
        EventLog.data["bookingIds"].contains(func.to_jsonb(Booking.id)),
    )
    .correlate(EventLog)
    .exists()
)
_HAPPENED_TO_THEM = or_(
    EventLog.data["studentId"].astext == _AS_TEXT,
    and_(EventLog.data.has_key("bookingIds"), _NAMES_THEIR_BOOKING),
)


@dataclass(frozen=True, slots=True, eq=False)
class Holding:
    """One section of what is kept about somebody: its name, and the rows that it consists of."""

    name: str
    rows: Select[*tuple[Any, ...]]


def _all(table: type[Base], *but: str) -> Select[*tuple[Any, ...]]:
    return select(*(column for column in table.__table__.c if column.name not in but))


HOLDINGS = (
    Holding("profile", _all(UserAccount).where(UserAccount.id == PERSON)),
    # a token opens the calendar to whoever has it, so it is for the pages alone to show
    Holding("addresses", _all(UserToken, "user_id", "token").where(UserToken.user_id == PERSON)),
    Holding("classes", _all(GroupClass).where(GroupClass.teacher_id == PERSON)),
    Holding("packages", _all(StudentPackage).where(StudentPackage.user_id == PERSON)),
    Holding(
        "progress",
        _all(StudentCourseStepProgress, "booking_holds_seat").where(
            StudentCourseStepProgress.student_package_id.in_(THEIR_PACKAGES)
        ),
    ),
    Holding("bookings", _all(Booking, "during", "holds_seat").where(Booking.user_id == PERSON)),
    Holding(
        "bookingsMadeForOthers",
        select(Booking.id, Booking.created_at).where(
            Booking.created_by == PERSON, Booking.user_id != PERSON
        ),
    ),
    Holding(
        "bookingsCancelledForOthers",
        select(Booking.id, Booking.cancelled_at, Booking.cancel_reason).where(
            Booking.cancelled_by == PERSON, Booking.user_id != PERSON
        ),
    ),
    Holding(
        "waitlistEntries",
        _all(WaitlistEntry).where(
            WaitlistEntry.student_package_id.in_(THEIR_PACKAGES), WaitlistEntry.user_id == PERSON
        ),
    ),
    Holding(
        "waitlistSkips",
        _all(WaitlistSkip).where(
            WaitlistSkip.waitlist_entry_id.in_(
                select(WaitlistEntry.id).where(WaitlistEntry.student_package_id.in_(THEIR_PACKAGES))
            )
        ),
    ),
    Holding(
        "jobs",
        _all(BookingJob, "fingerprint", "lanes", "submitted_from", "idempotency_key")
        .add_columns(
            # a member of staff's address and key are theirs
            *(
                case((BookingJob.submitted_by == PERSON, own)).label(own.key)
                for own in (BookingJob.submitted_from, BookingJob.idempotency_key)
            )
        )
        .where(BookingJob.user_id == PERSON),
    ),
    Holding(
        "jobsForOthers",
        _all(BookingJob, "fingerprint", "lanes", "result", "error").where(
            BookingJob.submitted_by == PERSON, BookingJob.user_id != PERSON
        ),
    ),
    Holding(
        "messages",
        _all(OutboxMessage, "lease_token", "lease_until").where(OutboxMessage.user_id == PERSON),
    ),
    Holding("reminders", _all(Reminder).where(Reminder.booking_id.in_(THEIR_BOOKINGS))),
    Holding(
        "seatLedger", _all(SeatLedger).where(or_(_TOOK_THEIR_SEAT, SeatLedger.actor_id == PERSON))
    ),
    Holding(
        "events",
        select(
            EventLog.position,
            EventLog.id,
            EventLog.type,
            EventLog.timestamp,
            # the other bookings of the session are other people's
            EventLog.data.delete_path(array(["bookingIds"])).label("data"),
        ).where(_HAPPENED_TO_THEM),
    ),
    Holding(
        "webhookDeliveries",
        _all(WebhookDelivery, "lease_token", "lease_until").where(
            WebhookDelivery.event_id.in_(select(EventLog.id).where(_HAPPENED_TO_THEM))
        ),
    ),
    Holding("auditEntriesBy", _all(AuditEntry).where(AuditEntry.actor_id == PERSON)),
    Holding(
        "auditEntriesAbout",
        _all(AuditEntry, "source").where(ABOUT_THEM, AuditEntry.actor_id.is_distinct_from(PERSON)),
    ),
    Holding(
        "webhooksMade",
        select(WebhookEndpoint.id, WebhookEndpoint.url, WebhookEndpoint.created_at).where(
            WebhookEndpoint.created_by == PERSON
        ),
    ),
    Holding("migrationFindings", _all(MigrationFinding).where(FOUND_OF_THEM)),
    Holding("backfillRows", _all(BackfillRow).where(BackfillRow.user_id == PERSON)),
)
"""Every section, the person's own first."""
