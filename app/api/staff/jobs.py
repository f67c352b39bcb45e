"""Everybody's jobs."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row

from app.api.blueprint import ApiBlueprint
from app.api.collaborators import request_db
from app.api.header_docs import PREFER, PREFERENCE_APPLIED
from app.api.pages import page
from app.api.polling import poll
from app.api.problem import Problem
from app.api.schemas.staff.jobs import StaffJobListSchema, StaffJobQuerySchema, StaffJobSchema
from app.api.staff.job_view import view_staff_job
from app.api.staff.rights import STAFF
from models.job_listing import JobFilter, find_any_job, list_any_jobs

staff_jobs = ApiBlueprint(
    "staff-jobs", url_prefix="/api/admin/jobs", description="For staff: everybody's jobs."
)


@staff_jobs.get("")
@staff_jobs.roles(*STAFF)
@staff_jobs.conditional
@staff_jobs.arguments(StaffJobQuerySchema, location="query")
@staff_jobs.response(200, StaffJobListSchema)
def list_jobs(query: dict[str, Any]) -> dict[str, Any]:
    """List jobs, the newest first."""
    return page_of_jobs(query)


def page_of_jobs(query: dict[str, Any]) -> dict[str, Any]:
    """A page of the jobs that a query asks for; raises Problem 422 for a wrong cursor."""
    wanted = JobFilter(
        status=query.get("status"), kind=query.get("kind"), user_id=query.get("user_id")
    )
    limit = query["limit"]
    before = _place(wanted, query.get("cursor"))
    found = list_any_jobs(request_db(), wanted, before=before, limit=limit + 1)
    listed = page(found, limit, lambda job: str(job.id))
    return listed | {"items": [view_staff_job(job) for job in listed["items"]]}


def _place(wanted: JobFilter, cursor: UUID | None) -> Row[Any] | None:
    """The last job of the page before; raises Problem 422 for no job of the list."""
    if cursor is None:
        return None
    last = find_any_job(request_db(), cursor)
    if last is None or wanted.user_id not in (None, last.user_id):
        raise Problem("invalid_fields", errors={"cursor": ["Is not a place in this list."]})
    return last


@staff_jobs.get("/<job_id:job_id>")
@staff_jobs.roles(*STAFF)
@staff_jobs.conditional
@staff_jobs.response(200, StaffJobSchema, headers={"Preference-Applied": PREFERENCE_APPLIED})
@staff_jobs.takes_headers(PREFER)
@staff_jobs.doc(responses={304: {"headers": {"Preference-Applied": PREFERENCE_APPLIED}}})
def show_job(job_id: UUID) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Show anybody's job; with `Prefer: wait=N` once it is decided."""
    job = find_any_job(request_db(), job_id)
    if job is None:
        raise Problem("not_found")
    job, headers = poll(job)
    return view_staff_job(job), 200, headers
