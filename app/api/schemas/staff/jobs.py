"""Jobs as staff see them."""

from marshmallow import fields, validate

from app.api.fields import MAX_ID, Id, QueryInteger
from app.api.schemas.base import AnswerSchema
from app.api.schemas.jobs import JobSchema
from app.api.schemas.paging import PageQuerySchema
from models.booking_job import JobKind, JobStatus


class StaffJobQuerySchema(PageQuerySchema):
    """Which jobs to list: those in a status, of a kind, of a user, from a job on."""

    status = fields.String(validate=validate.OneOf(list(JobStatus)))
    kind = fields.String(validate=validate.OneOf(list(JobKind)))
    user_id = QueryInteger(1, MAX_ID)
    cursor = fields.UUID()


class StaffJobSchema(JobSchema):
    """A job with whom and what it is about; the product's own jobs were submitted by nobody."""

    user_id = Id(allow_none=True)
    submitted_by = Id(allow_none=True)
    session_id = Id(allow_none=True)
    package_id = Id(allow_none=True)
    step_id = Id(allow_none=True)


class StaffJobListSchema(AnswerSchema):
    """A page of jobs; `next` is the cursor of the page after it, null at the end."""

    items = fields.List(fields.Nested(StaffJobSchema))
    next = fields.String(allow_none=True)
