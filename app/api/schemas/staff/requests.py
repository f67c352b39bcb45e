"""What staff send: sessions, bookings, packages and attendance."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.api.fields import Flag, Id, Instant, SeatCount, Text
from app.api.schemas.base import RequestSchema
from app.api.schemas.requests import LONGEST_REASON
from models.booking import BookingStatus, BookingType
from models.session_times import LAST_YEAR, is_within_years

MOST_MARKS = 1000


class Reason(Text):
    """Why staff do something: it is told to students or audited, so blanks alone are none."""

    default_error_messages = {  # noqa: RUF012 - the name and form are marshmallow's
        "blank": "Must say something.",
    }

    def __init__(self) -> None:
        super().__init__(LONGEST_REASON, shortest=1, required=True, metadata={"pattern": r"\S"})

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text.isspace():
            raise self.make_error("blank")
        return text


class TimesSchema(RequestSchema):
    """When a session takes place."""

    start_at = Instant(required=True)
    end_at = Instant(required=True)

    @validates_schema
    def _in_order(self, body: dict[str, Any], **_: Any) -> None:
        if body["end_at"] <= body["start_at"]:
            raise ValidationError("Must be after startAt.", "end_at")
        if not is_within_years(body["end_at"]):
            raise ValidationError(f"Must be before the year {LAST_YEAR + 1}.", "end_at")


class AddSessionRequestSchema(TimesSchema):
    """A session to add; its capacity is the class's unless told."""

    capacity_max = SeatCount()


class CancelSessionRequestSchema(RequestSchema):
    """Why a session is cancelled; a dry run only says whom it would concern."""

    reason = Reason()
    dry_run = Flag(load_default=False)


class MoveSessionRequestSchema(TimesSchema):
    """The new time of a session, and why."""

    reason = Reason()
    dry_run = Flag(load_default=False)


class SetCapacityRequestSchema(RequestSchema):
    """How many seats a session has from now on, and why."""

    capacity_max = SeatCount(required=True)
    reason = Reason()
    dry_run = Flag(load_default=False)


class AttendanceMarkSchema(RequestSchema):
    """What became of one booking; `CONFIRMED` takes a mark back."""

    booking_id = Id(required=True)
    status = fields.String(
        required=True,
        validate=validate.OneOf(
            [BookingStatus.CONFIRMED, BookingStatus.ATTENDED, BookingStatus.NO_SHOW]
        ),
    )


class MarkAttendanceRequestSchema(RequestSchema):
    """Who came to a session and who didn't; all marks are made, or none."""

    marks = fields.List(
        fields.Nested(AttendanceMarkSchema),
        required=True,
        validate=validate.Length(min=1, max=MOST_MARKS),
    )

    @validates_schema
    def _each_booking_once(self, body: dict[str, Any], **_: Any) -> None:
        ids = [mark["booking_id"] for mark in body["marks"]]
        if len(set(ids)) < len(ids):
            raise ValidationError("Must name each booking at most once.", "marks")


class OverrideSchema(RequestSchema):
    """Waives windows and the order of steps, for a reason that is audited."""

    reason = Reason()


class StaffStepBookingRequestSchema(RequestSchema):
    """A step to book for the student whose package it is."""

    booking_type = fields.String(
        load_default=BookingType.COURSE_STEP, validate=validate.OneOf([BookingType.COURSE_STEP])
    )
    package_id = Id(required=True)
    course_step_id = Id(required=True)
    course_step_option_id = Id(required=True)
    session_id = Id()
    override = fields.Nested(OverrideSchema)


class StaffSeatBookingRequestSchema(RequestSchema):
    """Somebody to seat in a session without a package."""

    booking_type = fields.String(
        required=True, validate=validate.OneOf([BookingType.DROP_IN, BookingType.WORKSHOP])
    )
    user_id = Id(required=True)
    session_id = Id(required=True)


class StaffBookingRequestSchema(RequestSchema):
    """One of the two kinds of booking, as its `bookingType` says; without one, that of a step."""

    kinds = (StaffStepBookingRequestSchema, StaffSeatBookingRequestSchema)

    def load(self, data: Any, **options: Any) -> Any:
        """Read the body as the kind that it says it is; raises ValidationError."""
        said = data.get("bookingType") if isinstance(data, Mapping) else None
        of_step, of_seat = self.kinds
        kind = of_step if said in (None, BookingType.COURSE_STEP) else of_seat
        return kind().load(data, **options)


class StaffChangeRequestSchema(RequestSchema):
    """The option to move a booking to, and optionally which of its sessions."""

    course_step_option_id = Id(required=True)
    session_id = Id()
    override = fields.Nested(OverrideSchema)


class StaffCancelRequestSchema(RequestSchema):
    """Why a booking is cancelled."""

    reason = Reason()
    override = fields.Nested(OverrideSchema)


class CancelPackageRequestSchema(CancelSessionRequestSchema):
    """Why a package is cancelled; a dry run only says which bookings that would cost."""
