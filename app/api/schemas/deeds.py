"""What staff's jobs result in."""

from marshmallow import fields, validate

from app.api.fields import Id, Instant
from app.api.schemas.base import AnswerSchema
from app.api.schemas.bookings import BookingSchema, ProgressSchema
from app.api.schemas.offers import CourseStepSessionOptionSchema
from models.catalog import SessionStatus


class DeedSessionSchema(AnswerSchema):
    """The session as it stands after what staff did."""

    id = Id()
    group_class_id = Id()
    group_class_name = fields.String()
    start_at = Instant()
    end_at = Instant()
    capacity_max = fields.Integer(metadata={"minimum": 0})
    seats_taken = fields.Integer(metadata={"minimum": 0})
    status = fields.String(validate=validate.OneOf(list(SessionStatus)))


class AffectedStudentSchema(AnswerSchema):
    """A student whom it concerns: what became of the booking, what could be taken instead."""

    student_id = Id()
    booking_id = Id(allow_none=True)
    outcome = fields.String(validate=validate.OneOf(["CANCELLED", "MOVED", "PROMOTED"]))
    alternatives = fields.List(fields.Nested(CourseStepSessionOptionSchema))


class AddSessionResponseSchema(AnswerSchema):
    """The session that was added."""

    session = fields.Nested(DeedSessionSchema)


class CancelPackageResponseSchema(AnswerSchema):
    """Whose seats were freed when the package was cancelled."""

    affected = fields.List(fields.Nested(AffectedStudentSchema))


class SessionDeedResponseSchema(CancelPackageResponseSchema):
    """The session as it stands now, and whom that concerns."""

    session = fields.Nested(DeedSessionSchema)


class DryRunResponseSchema(CancelPackageResponseSchema):
    """Whom it would concern; nothing was changed."""

    dry_run = fields.Boolean()


class BookSeatResponseSchema(AnswerSchema):
    """A booking, with the progress of its step where it is for one."""

    booking = fields.Nested(BookingSchema)
    progress = fields.Nested(ProgressSchema, allow_none=True)


class MarkAttendanceResponseSchema(AnswerSchema):
    """The bookings that were marked."""

    bookings = fields.List(fields.Nested(BookSeatResponseSchema))
