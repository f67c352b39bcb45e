"""Following one's jobs: the list, one of them, and taking one back."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify

from app.api.auth import current_person, current_user_id
from app.api.blueprint import ApiBlueprint
from app.api.collaborators import request_db, request_transaction
from app.api.header_docs import ETAG, PREFER, PREFERENCE_APPLIED
from app.api.job_view import ViewedJob, view_job
from app.api.polling import poll
from app.api.problem import Problem
from app.api.schemas.jobs import JobListSchema, JobSchema
from app.api.schemas.requests import JobListQuerySchema, NoBodySchema
from app.clock import utc_now
from models.booking_job import JobStatus
from models.own_jobs import find_job, list_jobs
from models.withdrawing import withdraw

jobs = ApiBlueprint(
    "jobs",
    url_prefix="/api/jobs",
    description="What was submitted, and what became of it.",
    reads_person=False,
)

_SCHEMA = JobSchema()


@jobs.get("")
@jobs.conditional
@jobs.arguments(JobListQuerySchema, location="query")
@jobs.response(200, JobListSchema)
def own_jobs(query: dict[str, Any]) -> dict[str, Any]:
    """List one's own jobs, the newest first."""
    limit = query["limit"]
    found = list_jobs(
        request_db(),
        current_person().id,
        status=query.get("status"),
        before_arrival=_arrival_at(query.get("cursor")),
        limit=limit + 1,
    )
    more = len(found) > limit
    return {
        "items": [view_job(job) for job in found[:limit]],
        "next": str(found[limit - 1].id) if more else None,
    }


def _arrival_at(cursor: UUID | None) -> int | None:
    """The place of a cursor, the last job of the page before; raises Problem 422 for no own job."""
    if cursor is None:
        return None
    last = find_job(request_db(), cursor, current_user_id())
    if last is None:
        raise Problem("invalid_fields", errors={"cursor": ["Is not a place in this list."]})
    return int(last.arrival)


@jobs.get("/<job_id:job_id>")
@jobs.conditional
@jobs.response(200, JobSchema, headers={"Preference-Applied": PREFERENCE_APPLIED})
@jobs.takes_headers(PREFER)
@jobs.doc(responses={304: {"headers": {"Preference-Applied": PREFERENCE_APPLIED}}})
def one_job(job_id: UUID) -> tuple[ViewedJob, int, dict[str, str]]:
    """Show a job; with `Prefer: wait=N` once it is decided."""
    job = find_job(request_db(), job_id, current_user_id())
    if job is None:
        raise Problem("not_found")
    job, headers = poll(job)
    return view_job(job), 200, headers


@jobs.delete("/<job_id:job_id>")
@jobs.arguments(NoBodySchema, required=False)
@jobs.response(200, JobSchema, headers={"ETag": ETAG})
@jobs.alt_response(409, "CONFLICT")
def withdraw_job(_body: dict[str, Any], job_id: UUID) -> Response:
    """Take back a job that is still queued; doing so twice is the same as once."""
    with request_transaction() as db:
        job = withdraw(db, job_id, current_user_id(), utc_now())
    if job is None:
        raise Problem("not_found")
    if job.status != JobStatus.WITHDRAWN:
        raise Problem("job_already_decided")
    response = jsonify(_SCHEMA.dump(view_job(job)))
    response.add_etag()
    return response
