"""What a student bought, step by step."""

from marshmallow import fields, validate

from app.api.fields import Id, Instant
from app.api.schemas.base import AnswerSchema
from app.api.schemas.bookings import BookingSchema, ProgressSchema
from models.catalog import SessionStatus
from models.enrolment import PackageStatus


class EnrolmentProgramSchema(AnswerSchema):
    """The course that a package is for."""

    id = Id()
    title = fields.String()


class EnrolmentSessionSchema(AnswerSchema):
    """The session that a step is booked into."""

    id = Id()
    group_class_id = Id()
    group_class_name = fields.String()
    teacher_name = fields.String()
    start_at = Instant()
    end_at = Instant()
    time_zone = fields.String(metadata={"description": "The venue's IANA time zone."})
    status = fields.String(validate=validate.OneOf(list(SessionStatus)))


class EnrolmentWaitlistEntrySchema(AnswerSchema):
    """A place on a waitlist for a step; without a session it is for any session of the option."""

    id = Id()
    course_step_option_id = Id()
    session_id = Id(allow_none=True)
    position = fields.Integer(metadata={"minimum": 1})
    joined_at = Instant()


class EnrolmentStepSchema(AnswerSchema):
    """One step of the course, and where the student stands with it."""

    step_id = Id()
    step_label = fields.String()
    step_title = fields.String()
    step_order = fields.Integer()
    is_required = fields.Boolean()
    progress = fields.Nested(ProgressSchema)
    booking = fields.Nested(BookingSchema, allow_none=True)
    session = fields.Nested(EnrolmentSessionSchema, allow_none=True)
    waitlist = fields.List(fields.Nested(EnrolmentWaitlistEntrySchema))


class EnrolmentSchema(AnswerSchema):
    """A package with its course and its steps in order."""

    package_id = Id()
    package_name = fields.String()
    status = fields.String(validate=validate.OneOf(list(PackageStatus)))
    expires_at = Instant(allow_none=True)
    program = fields.Nested(EnrolmentProgramSchema)
    steps = fields.List(fields.Nested(EnrolmentStepSchema))
