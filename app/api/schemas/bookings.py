"""A booking, the progress row it belongs to, and the answers made of the two."""

from marshmallow import fields, validate

from app.api.fields import Id, Instant
from app.api.schemas.base import AnswerSchema
from models.booking import BookingStatus, BookingType, PaymentStatus
from models.enrolment import ProgressStatus


class BookingSchema(AnswerSchema):
    """One person's seat in one session, with the policy that applies to it."""

    id = Id()
    session_id = Id()
    status = fields.String(validate=validate.OneOf(list(BookingStatus)))
    booking_type = fields.String(validate=validate.OneOf(list(BookingType)))
    created_at = Instant()
    course_step_id = Id(allow_none=True)
    student_package_id = Id(allow_none=True)
    metadata = fields.Dict(
        allow_none=True,
        metadata={"description": "For a course step: stepOrder, stepLabel and packageName."},
    )
    payment_status = fields.String(validate=validate.OneOf(list(PaymentStatus)))
    change_until = Instant(allow_none=True)
    cancel_until = Instant(allow_none=True)


class ProgressSchema(AnswerSchema):
    """How far a package is with one step."""

    id = Id()
    course_step_id = Id()
    status = fields.String(validate=validate.OneOf(list(ProgressStatus)))
    booking_id = Id(allow_none=True)
    booked_at = Instant(allow_none=True)


class CourseStepBookingResponseSchema(AnswerSchema):
    """What booking or changing a step results in."""

    booking = fields.Nested(BookingSchema)
    progress = fields.Nested(ProgressSchema)


class CancelStepBookingResponseSchema(CourseStepBookingResponseSchema):
    """What cancelling results in: the cancelled booking, and progress that is free again.

    A booking that staff made without a step has no progress.
    """

    progress = fields.Nested(ProgressSchema, allow_none=True)
    success = fields.Boolean()
