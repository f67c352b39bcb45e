"""What a student sends: booking, changing and cancelling a step, and the query strings."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.api.fields import Id, Instant, QueryInteger, Text
from app.api.schemas.base import QuerySchema, RequestSchema
from models.booking_job import JobStatus
from models.bulk_booking import BulkMode

LONGEST_REASON = 500
MOST_SELECTIONS = 50


class BookStepSessionRequestSchema(RequestSchema):
    """The option to take, and optionally which of its sessions."""

    course_step_option_id = Id(required=True)
    session_id = Id()


class ChangeStepSessionRequestSchema(BookStepSessionRequestSchema):
    """The option to move to, and optionally which of its sessions."""


class CancelStepBookingRequestSchema(RequestSchema):
    """Why the student cancels, if they say."""

    reason = Text(LONGEST_REASON)


class JoinWaitlistRequestSchema(BookStepSessionRequestSchema):
    """The option to wait for, and optionally which of its sessions; else any of them."""


class StepSelectionSchema(BookStepSessionRequestSchema):
    """One step of a bulk booking with the option chosen for it."""

    course_step_id = Id(required=True)


class BulkBookSessionsRequestSchema(RequestSchema):
    """The steps chosen by hand; steps with a single option are booked without being named."""

    selections = fields.List(
        fields.Nested(StepSelectionSchema),
        required=True,
        validate=validate.Length(max=MOST_SELECTIONS),
        metadata={"uniqueItems": True},
    )
    mode = fields.String(
        load_default=BulkMode.ALL_OR_NOTHING.value, validate=validate.OneOf(list(BulkMode))
    )

    @validates_schema
    def _each_step_once(self, body: dict[str, Any], **_: Any) -> None:
        """Look for repeated steps, once each selection is known to be right by itself."""
        steps = [selection["course_step_id"] for selection in body["selections"]]
        if len(set(steps)) < len(steps):
            raise ValidationError("Must name each step at most once.", "selections")


class SessionListQuerySchema(QuerySchema):
    """Which sessions of a step to list: those that start in `[from, to)`, at most `limit`."""

    from_ = Instant()
    to = Instant()
    limit = QueryInteger(1, 200, load_default=50)


class JobListQuerySchema(QuerySchema):
    """Which of one's jobs to list: those in a status, from a cursor on, at most `limit`."""

    status = fields.String(validate=validate.OneOf(list(JobStatus)))
    cursor = fields.UUID()
    limit = QueryInteger(1, 200, load_default=50)


class NoBodySchema(RequestSchema):
    """No fields: a body, if one is sent, is an empty object."""
