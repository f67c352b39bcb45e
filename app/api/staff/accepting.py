"""Accepting what staff do: ahead of the queue, and audited."""

from typing import Any

from flask import Response

from app.api.submitting import FindTarget, accept
from models.booking_job import JobKind, Priority


def accept_deed(kind: JobKind, body: dict[str, Any], find_target: FindTarget) -> Response:
    """Accept a deed of staff as a job, and answer it; raises Problem."""
    return accept(kind, body, find_target, priority=Priority.STAFF, audited=True)
