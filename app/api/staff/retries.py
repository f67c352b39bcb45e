"""Trying a failed job once more: a new job with what the old one asked for."""

from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy import Connection

from app.api.blueprint import ApiBlueprint
from app.api.collaborators import request_db
from app.api.idempotency import idempotency_key
from app.api.job_answer import documents_submit
from app.api.problem import Problem
from app.api.schemas.requests import NoBodySchema
from app.api.staff.rights import STAFF
from app.api.submitting import Taken, answer, take
from models.booking_job import JobKind, JobStatus, Priority
from models.job_listing import find_any_job
from models.submitting import Target

retries = ApiBlueprint(
    "staff-retries", url_prefix="/api/admin/jobs", description="For staff: failed jobs again."
)


# first again, as they were: a newcomer ahead of a promotion would have to wait for it
_OF_THE_WAITLIST = {JobKind.PROMOTE, JobKind.LEAVE_WAITLIST}


@retries.post("/<job_id:job_id>/retry")
@documents_submit(retries)
@retries.roles(*STAFF)
@retries.alt_response(409, "CONFLICT")
@retries.arguments(NoBodySchema, required=False)
def retry_job(_body: dict[str, Any], job_id: UUID) -> Response:
    """Ask again for what a failed job asked for; its windows are judged by the time of now."""
    return answer(take_retry(job_id, idempotency_key(request)))


def take_retry(job_id: UUID, key: str | None) -> Taken:
    """Keep what a failed job asked for as a new one; raises Problem 404, or 409 for any other."""
    failed = find_any_job(request_db(), job_id)
    if failed is None:
        raise Problem("not_found")
    if failed.status != JobStatus.FAILED:
        raise Problem("job_not_failed")

    def find(_db: Connection, _user_id: int) -> Target:
        return Target(
            lanes=frozenset(failed.lanes),
            user_id=failed.user_id,
            student_package_id=failed.student_package_id,
            course_step_id=failed.course_step_id,
            session_id=failed.session_id,
        )

    return take(
        JobKind(failed.kind),
        failed.request,
        find,
        key,
        priority=Priority.WAITLIST if failed.kind in _OF_THE_WAITLIST else Priority.STAFF,
        audited=True,
        retry_of=failed.id,
    )
