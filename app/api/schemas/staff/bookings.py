"""Bookings as staff see them."""

from marshmallow import fields, validate

from app.api.cursors import Cursor
from app.api.fields import MAX_ID, Id, Instant, QueryInteger
from app.api.schemas.base import AnswerSchema
from app.api.schemas.bookings import BookingSchema
from app.api.schemas.paging import PageQuerySchema
from models.booking import BookingStatus, BookingType


class BookingCursor(Cursor):
    """A place among bookings by id."""

    of = "bookings"
    parts = (int,)


class StaffBookingQuerySchema(PageQuerySchema):
    """Which bookings to list."""

    student_id = QueryInteger(1, MAX_ID)
    package_id = QueryInteger(1, MAX_ID)
    session_id = QueryInteger(1, MAX_ID)
    status = fields.String(validate=validate.OneOf(list(BookingStatus)))
    booking_type = fields.String(validate=validate.OneOf(list(BookingType)))
    cursor = BookingCursor()


class StaffBookingSchema(BookingSchema):
    """A booking with whose it is, who made it, and how it ended."""

    user_id = Id()
    student_name = fields.String()
    cancelled_at = Instant(allow_none=True)
    cancel_reason = fields.String(allow_none=True)
    created_by = Id(allow_none=True)
    booking_job_id = fields.UUID(allow_none=True)
    replaces_booking_id = Id(allow_none=True)


class StaffBookingListSchema(AnswerSchema):
    """A page of bookings; `next` is the cursor of the page after it, null at the end."""

    items = fields.List(fields.Nested(StaffBookingSchema))
    next = BookingCursor(allow_none=True)
