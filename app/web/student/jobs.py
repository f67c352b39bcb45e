"""One's requests: what became of each, and what can be done now."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from flask import Response, request
from sqlalchemy import Row

from app.api.auth import current_person, current_user_id
from app.api.collaborators import request_db, request_transaction
from app.api.job_answer import retry_after_seconds
from app.api.job_view import ViewedJob, view_job
from app.api.problem import Problem
from app.api.staff.rights import STAFF
from app.web.page import render, see_other
from app.web.reader import Reader, current_reader
from app.web.student.own import own_packages
from models.own_jobs import find_job, list_jobs
from models.withdrawing import withdraw as withdraw_job

LISTED = 30


def show_jobs() -> Response:
    """List one's latest requests, the newest first."""
    reader = current_reader()
    jobs = list_jobs(
        request_db(), current_user_id(), status=None, before_arrival=None, limit=LISTED
    )
    steps = _steps(reader)
    rows = [
        (view_job(job), steps.get((job.student_package_id, job.course_step_id))) for job in jobs
    ]
    return render("student/jobs.html", reader=reader, rows=rows)


def show_job(job_id: UUID) -> Response:
    """Show where a request stands; one that waits is looked at again by itself."""
    if current_person().role in STAFF:
        return see_other(f"/staff/jobs/{job_id}")
    job = _own_job(job_id)
    reader, seen = current_reader(), view_job(job)
    steps = _steps(reader)
    return render(
        "student/job.html",
        reader=reader,
        job=seen,
        problem=_with_instants(seen.error),
        failures=_failures(seen),
        about=steps.get((job.student_package_id, job.course_step_id)),
        package_id=job.student_package_id,
        step_id=job.course_step_id,
        steps=steps,
        at_first=_at_first(seen.position),
        again_after=retry_after_seconds(seen),
        form_key=uuid4(),
    )


def withdraw(job_id: UUID) -> Response:
    """Take back a request that still waits; a decided one shows its outcome."""
    with request_transaction() as db:
        job = withdraw_job(db, job_id, current_user_id(), current_reader().now)
    if job is None:
        raise Problem("not_found")
    return see_other(f"/jobs/{job_id}")


def _own_job(job_id: UUID) -> Row[Any]:
    job = find_job(request_db(), job_id, current_user_id())
    if job is None:
        raise Problem("not_found")
    return job


def _steps(reader: Reader) -> dict[tuple[int, int], dict[str, Any]]:
    """One's steps by package and step, each with its package."""
    return {
        (package["package_id"], step["step_id"]): step | {"package": package}
        for package in own_packages(reader)
        for step in package["steps"]
    }


def _failures(job: ViewedJob) -> list[dict[str, Any]]:
    """The steps that a bulk booking couldn't book, whether it booked others or none."""
    found = (job.result or {}).get("failures") or (job.error or {}).get("failures") or []
    return [_with_instants(failure) for failure in found]


def _with_instants(refused: dict[str, Any] | None) -> dict[str, Any]:
    """A refusal whose alternatives begin and end at instants, not at the texts that jobs keep."""
    refused = refused or {}
    return refused | {
        "alternatives": [
            offer | {name: datetime.fromisoformat(offer[name]) for name in ("start_at", "end_at")}
            for offer in refused.get("alternatives") or []
        ]
    }


def _at_first(position: int | None) -> int:
    """How many were ahead at the first look, as the page's own address remembers."""
    text = request.args.get("of", "")
    remembered = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    return max(remembered, position or 0)
