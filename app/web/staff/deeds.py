"""Deeds of staff become jobs of their own priority, and are audited."""

from typing import Any

from flask import Response
from marshmallow import Schema

from app.api.submitting import FindTarget
from app.web.submitting import submit_form
from models.booking_job import JobKind, Priority

JOB_PAGE = "/staff/jobs"


def submit_deed(
    kind: JobKind, schema: Schema, fields: dict[str, Any], find_target: FindTarget
) -> Response:
    """Accept a form's fields as a job of staff, and lead to its page.

    Raises Problem, and ValidationError for bad fields.
    """
    return submit_form(
        kind,
        schema,
        fields,
        find_target,
        priority=Priority.STAFF,
        audited=True,
        job_page=JOB_PAGE,
    )


def exception_for(reason: str) -> dict[str, str] | None:
    """What a reason for an exception waives; nothing without one."""
    return {"reason": reason} if reason.strip() else None
