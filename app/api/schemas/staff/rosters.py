"""The class list of a session."""

from marshmallow import fields, validate

from app.api.cursors import Cursor
from app.api.fields import Id, Instant
from app.api.schemas.base import AnswerSchema
from app.api.schemas.paging import PageQuerySchema
from app.api.schemas.staff.sessions import StaffSessionSchema
from models.booking import BookingStatus, BookingType, PaymentStatus

SEAT_HOLDING = [status for status in BookingStatus if status != BookingStatus.CANCELLED]


class RosterCursor(Cursor):
    """A booking of the roster; names stay out of addresses, which get into logs."""

    of = "roster"
    parts = (int,)


class RosterQuerySchema(PageQuerySchema):
    """Which page of a roster to show."""

    cursor = RosterCursor()


class RosterEntrySchema(AnswerSchema):
    """A person with a seat; step and package are null where the seat was given directly."""

    booking_id = Id()
    student_id = Id()
    name = fields.String()
    email = fields.String()
    status = fields.String(validate=validate.OneOf(SEAT_HOLDING))
    booking_type = fields.String(validate=validate.OneOf(list(BookingType)))
    course_step_id = Id(allow_none=True)
    step_label = fields.String(allow_none=True)
    package_id = Id(allow_none=True)
    package_name = fields.String(allow_none=True)
    payment_status = fields.String(validate=validate.OneOf(list(PaymentStatus)))
    booked_at = Instant()


class RosterSchema(AnswerSchema):
    """A session and a page of those who hold its seats, by name; `next` is null at the end."""

    session = fields.Nested(StaffSessionSchema)
    items = fields.List(fields.Nested(RosterEntrySchema))
    next = RosterCursor(allow_none=True)
