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
from app.api.schemas.deeds import (
    AddSessionResponseSchema,
    BookSeatResponseSchema,
    CancelPackageResponseSchema,
    DryRunResponseSchema,
    MarkAttendanceResponseSchema,
    SessionDeedResponseSchema,
)
from app.api.schemas.enrolments import EnrolmentWaitlistEntrySchema
from app.api.schemas.problems import JobProblemSchema, StepFailureSchema
from models.booking_job import JobKind, JobStatus


class PromotedEntrySchema(AnswerSchema):
    """A place on a waitlist that got a seat, and its booking."""

    waitlist_entry_id = Id()
    booking_id = Id()


class SkippedEntrySchema(AnswerSchema):
    """A place on a waitlist that was passed over, and the refusal code that says why."""

    waitlist_entry_id = Id()
    code = fields.String()


class BulkCourseStepBookingResponseSchema(AnswerSchema):
    """What a bulk booking results in; `autoBooked` and `manualSelections` are step ids."""

    bookings = fields.List(fields.Nested(CourseStepBookingResponseSchema))
    auto_booked = fields.List(Id())
    manual_selections = fields.List(Id())
    failures = fields.List(fields.Nested(StepFailureSchema))


class JoinWaitlistResponseSchema(AnswerSchema):
    """What joining a waitlist results in."""

    waitlist_entry = fields.Nested(EnrolmentWaitlistEntrySchema)


class LeaveWaitlistResponseSchema(AnswerSchema):
    """What leaving the waitlists of a step results in: the ids of the places given up."""

    success = fields.Boolean()
    left = fields.List(Id())


class PromoteResponseSchema(AnswerSchema):
    """What looking at a session's waitlist came to."""

    promoted = fields.List(fields.Nested(PromotedEntrySchema))
    skipped = fields.List(fields.Nested(SkippedEntrySchema))


RESULT_SCHEMAS: Mapping[str, type[AnswerSchema]] = {
    JobKind.BOOK_STEP: CourseStepBookingResponseSchema,
    JobKind.CHANGE_STEP: CourseStepBookingResponseSchema,
    JobKind.CANCEL_STEP: CancelStepBookingResponseSchema,
    JobKind.BULK_BOOK: BulkCourseStepBookingResponseSchema,
    JobKind.JOIN_WAITLIST: JoinWaitlistResponseSchema,
    JobKind.LEAVE_WAITLIST: LeaveWaitlistResponseSchema,
    JobKind.PROMOTE: PromoteResponseSchema,
    JobKind.BOOK_SEAT: BookSeatResponseSchema,
    JobKind.ADD_SESSION: AddSessionResponseSchema,
    JobKind.CANCEL_SESSION: SessionDeedResponseSchema,
    JobKind.MOVE_SESSION: SessionDeedResponseSchema,
    JobKind.SET_CAPACITY: SessionDeedResponseSchema,
    JobKind.MARK_ATTENDANCE: MarkAttendanceResponseSchema,
    JobKind.CANCEL_PACKAGE: CancelPackageResponseSchema,
}
"""The shape of a job's result, by its kind; a new kind adds its row here."""

_RESULTS = {kind: schema() for kind, schema in RESULT_SCHEMAS.items()}
_DRY_RUN = DryRunResponseSchema()


class JobResult(fields.Field[Any]):
    """A job's result in the shape that its kind has, or that of a dry run."""

    def _serialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        obj: Any,
        **_: Any,
    ) -> Any:
        if value is None:
            return None
        if value.get("dry_run"):
            return _DRY_RUN.dump(value)
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
