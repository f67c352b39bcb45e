"""What staff do to sessions; each call is accepted as a job."""

from typing import Any

from flask import Response
from sqlalchemy import Connection

from app.api.blueprint import ApiBlueprint
from app.api.job_answer import documents_submit
from app.api.schemas.staff.requests import (
    AddSessionRequestSchema,
    CancelSessionRequestSchema,
    MarkAttendanceRequestSchema,
    MoveSessionRequestSchema,
    SetCapacityRequestSchema,
)
from app.api.staff.accepting import accept_deed
from app.api.staff.rights import STAFF, STAFF_AND_TEACHERS, only_taught_by
from app.api.submitting import FindTarget
from models.booking_job import JobKind
from models.staff_targets import class_target, session_target
from models.submitting import Target

session_jobs = ApiBlueprint(
    "staff-session-jobs",
    url_prefix="/api/admin",
    description="For staff: what is done to sessions, each as a job.",
)


@session_jobs.post("/group-classes/<id:class_id>/sessions")
@documents_submit(session_jobs)
@session_jobs.roles(*STAFF)
@session_jobs.arguments(AddSessionRequestSchema)
def add_session(body: dict[str, Any], class_id: int) -> Response:
    """Add a session to a class; who waits for the class gets its seats first."""

    def find(db: Connection, _user_id: int) -> Target | None:
        return class_target(db, class_id)

    return accept_deed(JobKind.ADD_SESSION, body, find)


@session_jobs.post("/sessions/<id:session_id>/cancel")
@documents_submit(session_jobs)
@session_jobs.roles(*STAFF)
@session_jobs.arguments(CancelSessionRequestSchema)
def cancel_session(body: dict[str, Any], session_id: int) -> Response:
    """Cancel a session: seats are freed, everybody is told and offered others."""
    return accept_deed(JobKind.CANCEL_SESSION, body, _for_session(session_id))


@session_jobs.post("/sessions/<id:session_id>/move")
@documents_submit(session_jobs)
@session_jobs.roles(*STAFF)
@session_jobs.arguments(MoveSessionRequestSchema)
def move_session(body: dict[str, Any], session_id: int) -> Response:
    """Move a session; whom it then overlaps with another seat is released and told."""
    return accept_deed(JobKind.MOVE_SESSION, body, _for_session(session_id))


@session_jobs.post("/sessions/<id:session_id>/capacity")
@documents_submit(session_jobs)
@session_jobs.roles(*STAFF)
@session_jobs.arguments(SetCapacityRequestSchema)
def set_capacity(body: dict[str, Any], session_id: int) -> Response:
    """Set a session's capacity, never below the seats taken."""
    return accept_deed(JobKind.SET_CAPACITY, body, _for_session(session_id))


@session_jobs.post("/sessions/<id:session_id>/attendance")
@documents_submit(session_jobs)
@session_jobs.roles(*STAFF_AND_TEACHERS)
@session_jobs.arguments(MarkAttendanceRequestSchema)
def mark_attendance(body: dict[str, Any], session_id: int) -> Response:
    """Mark who came to a session and who didn't; teachers those of their own classes."""
    return accept_deed(JobKind.MARK_ATTENDANCE, body, _for_session(session_id, only_taught_by()))


def _for_session(session_id: int, taught_by: int | None = None) -> FindTarget:
    def find(db: Connection, _user_id: int) -> Target | None:
        return session_target(db, session_id, taught_by)

    return find
