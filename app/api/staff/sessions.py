"""Sessions: the timetable with its seats."""

from typing import Any

from sqlalchemy import Row

from app.api.blueprint import ApiBlueprint
from app.api.collaborators import request_db
from app.api.pages import page
from app.api.problem import Problem
from app.api.schemas.staff.sessions import (
    StaffSessionListSchema,
    StaffSessionQuerySchema,
    StaffSessionSchema,
)
from app.api.staff.rights import STAFF
from models import session_listing
from models.session_listing import SessionFilter

staff_sessions = ApiBlueprint(
    "staff-sessions", url_prefix="/api/admin/sessions", description="For staff: sessions."
)


@staff_sessions.get("")
@staff_sessions.roles(*STAFF)
@staff_sessions.arguments(StaffSessionQuerySchema, location="query")
@staff_sessions.response(200, StaffSessionListSchema)
def list_sessions(query: dict[str, Any]) -> dict[str, Any]:
    """List sessions, the earliest first."""
    return page_of_sessions(query, taught_by=None)


def page_of_sessions(query: dict[str, Any], *, taught_by: int | None) -> dict[str, Any]:
    """A page of the sessions that a query asks for; with `taught_by`, of that teacher's."""
    wanted = SessionFilter(
        starts_from=query.get("from_"),
        starts_before=query.get("to"),
        group_class_id=query.get("group_class_id"),
        status=query.get("status"),
        taught_by=taught_by,
    )
    limit = query["limit"]
    found = session_listing.list_sessions(
        request_db(), wanted, after=query.get("cursor"), limit=limit + 1
    )
    return page(found, limit, lambda session: (session.start_at, session.id))


@staff_sessions.get("/<id:session_id>")
@staff_sessions.roles(*STAFF)
@staff_sessions.response(200, StaffSessionSchema)
def show_session(session_id: int) -> Row[Any]:
    """Show a session."""
    session = session_listing.find_session(request_db(), session_id, taught_by=None)
    if session is None:
        raise Problem("not_found")
    return session
