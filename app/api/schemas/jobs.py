"""The job: what every submit answers and the client polls."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, utils, validate

from app.api.fields import Id, Instant
from app.api.schemas.base import AnswerSchema
from app.api.schemas.bookings import (
    CancelStepBookingResponseSchema,
    CourseStepBookingResponseSchema,
)
from app.api.schemas.enrolments import EnrolmentWaitlistEntrySchema
from app.api.schemas.problems import JobProblemSchema, StepFailureSchema
from models.booking_job import JobKind, JobStatus


class BulkCourseStepBookingResponseSchema(AnswerSchema):
    """What a bulk booking results in; `autoBooked` and `manualSelections` are step ids."""

    bookings = fields.List(fields.Nested(CourseStepBookingResponseSchema))
    auto_booked = fields.List(Id())
    manual_selections = fields.List(Id())
    failures = fields.List(fields.Nested(StepFailureSchema))


class JoinWaitlistResponseSchema(AnswerSchema):
    """What joining a waitlist results in."""

    waitlist_entry = fields.Nested(EnrolmentWaitlistEntrySchema)


RESULT_SCHEMAS: Mapping[str, type[AnswerSchema]] = {
    "BOOK_STEP": CourseStepBookingResponseSchema,
    "CHANGE_STEP": CourseStepBookingResponseSchema,
    "CANCEL_STEP": CancelStepBookingResponseSchema,
    "BULK_BOOK": BulkCourseStepBookingResponseSchema,
    "JOIN_WAITLIST": JoinWaitlistResponseSchema,
}
"""The shape of a job's result, by its kind; a new kind adds its row here."""

_RESULTS = {kind: schema() for kind, schema in RESULT_SCHEMAS.items()}


class JobResult(fields.Field[Any]):
    """A job's result in the shape that its kind has."""

    def _serialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        obj: Any,
        **_: Any,
    ) -> Any:
        if value is None:
            return None
        return _RESULTS[utils.get_value(obj, "kind")].dump(value)


class JobSchema(AnswerSchema):
    """One submitted request, where it stands, and its outcome."""

    id = fields.UUID()
    kind = fields.String(validate=validate.OneOf(list(JobKind)))
    status = fields.String(validate=validate.OneOf(list(JobStatus)))
    position = fields.Integer(
        allow_none=True,
        metadata={"minimum": 0, "description": "Jobs ahead of it; null when it is decided."},
    )
    estimated_seconds = fields.Integer(
        allow_none=True,
        metadata={"minimum": 0, "description": "Until the decision; null when it is decided."},
    )
    poll_after_ms = fields.Integer(
        allow_none=True,
        metadata={"minimum": 0, "description": "When to ask again; null when it is decided."},
    )
    attempts = fields.Integer(metadata={"minimum": 0})
    task_id = fields.String(
        allow_none=True, metadata={"description": "The worker's task that decided it."}
    )
    retry_of = fields.UUID(allow_none=True)
    submitted_at = Instant()
    decided_at = Instant(allow_none=True)
    result = JobResult(allow_none=True)
    error = fields.Nested(JobProblemSchema, allow_none=True)


class JobListSchema(AnswerSchema):
    """A page of jobs; `next` is the cursor of the page after it, null at the end."""

    items = fields.List(fields.Nested(JobSchema))
    next = fields.String(allow_none=True)
