"""One job of any kind: where it stands, what it came to, whom it concerns, and trying it again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from flask import Response, request
from sqlalchemy import Row

from app.api.auth import current_user_id
from app.api.collaborators import current_settings, request_db
from app.api.job_answer import retry_after_seconds
from app.api.job_view import ViewedJob, view_job
from app.api.problem import Problem
from app.api.staff.retries import take_retry
from app.api.staff.rights import only_taught_by
from app.api.submitting import await_decision
from app.web.page import render, see_other
from app.web.reader import current_reader
from app.web.staff.deeds import JOB_PAGE
from app.web.staff.jobs import is_flower_near
from app.web.staff.listing import LISTED, address
from app.web.submitting import FORM_WAIT, form_key
from models.booking_job import JobKind, JobStatus
from models.job_listing import find_any_job
from models.people import find_names
from models.session_listing import find_sessions

OFFERED = 3
"""How many alternatives are named for each of those whom a deed concerns."""


def show_job(job_id: UUID) -> Response:
    """Show a job; teachers only what they asked for themselves."""
    row = find_any_job(request_db(), job_id)
    if row is None or (only_taught_by() is not None and row.submitted_by != current_user_id()):
        raise Problem("not_found")
    job = view_job(row)
    concerned = _concerned(job)
    people = {row.user_id, row.submitted_by, *(one["student_id"] for one in concerned.listed)}
    return render(
        "staff/job.html",
        reader=current_reader(),
        job=job,
        row=row,
        asked_for=_with_instants(row.request),
        concerned=concerned,
        bookings=_bookings(job),
        alternatives=[_with_instants(offer) for offer in (job.error or {}).get("alternatives", ())],
        names=find_names(request_db(), people),
        sessions=find_sessions(request_db(), _session_ids(row, job)),
        real_path=_real_path(row) if _is_tried_out(job) else None,
        is_staff=only_taught_by() is None,
        again_after=retry_after_seconds(job),
        flower=current_settings().flower_url if is_flower_near() else None,
        form_key=uuid4(),
    )


@dataclass(frozen=True)
class Concerned:
    """Whom a deed concerns: how many, some of them, and the address of those after them."""

    is_told: bool
    count: int
    listed: list[dict[str, Any]]
    later: str | None


def _concerned(job: ViewedJob) -> Concerned:
    affected = (job.result or {}).get("affected")
    text = request.args.get("after", "")
    after = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    listed = (affected or [])[after : after + LISTED]
    has_more = len(affected or []) > after + LISTED
    return Concerned(
        is_told=affected is not None,
        count=len(affected or []),
        listed=[
            one
            | {"alternatives": [_with_instants(offer) for offer in one["alternatives"][:OFFERED]]}
            for one in listed
        ],
        later=address(after=after + LISTED) if has_more else None,
    )


def _bookings(job: ViewedJob) -> list[dict[str, Any]]:
    """The bookings that the job made or changed, as many as a page lists."""
    result = job.result or {}
    one = [result["booking"]] if result.get("booking") else []
    several = [entry["booking"] for entry in result.get("bookings") or ()]
    return (one + several)[:LISTED]


def _session_ids(row: Row[Any], job: ViewedJob) -> set[int]:
    made = (job.result or {}).get("session") or {}
    ids = {row.session_id, made.get("id"), *(one["session_id"] for one in _bookings(job))}
    return {session_id for session_id in ids if session_id is not None}


def _with_instants(facts: dict[str, Any]) -> dict[str, Any]:
    """What a job keeps, its instants read from the texts that JSON has for them."""
    return facts | {
        name: datetime.fromisoformat(facts[name])
        for name in ("start_at", "end_at")
        if isinstance(facts.get(name), str)
    }


def _is_tried_out(job: ViewedJob) -> bool:
    """Whether the job is a dry run that could be done."""
    return job.status == JobStatus.SUCCEEDED and bool((job.result or {}).get("dry_run"))


def _real_path(row: Row[Any]) -> str:
    """Where the form is sent that does what a dry run tried out."""
    if row.kind == JobKind.CANCEL_PACKAGE:
        return f"/staff/students/{row.user_id}/packages/{row.student_package_id}/cancel"
    deeds = {
        JobKind.CANCEL_SESSION: "cancel",
        JobKind.MOVE_SESSION: "move",
        JobKind.SET_CAPACITY: "capacity",
    }
    return f"/staff/sessions/{row.session_id}/{deeds[row.kind]}"


def retry(job_id: UUID) -> Response:
    """Ask again for what a failed job asked for, and lead to the new job."""
    taken = take_retry(job_id, form_key({}))
    job, _ = await_decision(taken.job, FORM_WAIT)
    return see_other(f"{JOB_PAGE}/{job.id}")
