"""Rosters: who comes to a session; teachers see those of their own classes."""

from typing import Any

from flask import Response
from sqlalchemy import Connection, Row

from app.api.blueprint import ApiBlueprint
from app.api.collaborators import request_db
from app.api.csv_cells import csv_attachment, csv_text
from app.api.header_docs import CONTENT_DISPOSITION
from app.api.pages import page
from app.api.problem import Problem
from app.api.schemas.staff.rosters import RosterEntrySchema, RosterQuerySchema, RosterSchema
from app.api.staff.rights import STAFF_AND_TEACHERS, only_taught_by
from models.roster import place_in_roster, read_roster
from models.session_listing import find_session

rosters = ApiBlueprint(
    "rosters",
    url_prefix="/api/admin/sessions/<id:session_id>",
    description="For staff, and for teachers of their own classes: who comes to a session.",
)

_ENTRY = RosterEntrySchema()


@rosters.get("/roster")
@rosters.roles(*STAFF_AND_TEACHERS)
@rosters.arguments(RosterQuerySchema, location="query")
@rosters.response(200, RosterSchema)
def show_roster(query: dict[str, Any], session_id: int) -> dict[str, Any]:
    """Show a session and those who hold its seats, by name."""
    return page_of_roster(query, session_id)


def page_of_roster(query: dict[str, Any], session_id: int) -> dict[str, Any]:
    """A page of a roster with its session; raises Problem 404 too for another teacher's."""
    db, limit = request_db(), query["limit"]
    session = visible_session(db, session_id)
    after = _place(db, session_id, query.get("cursor"))
    found = read_roster(db, session_id, after=after, limit=limit + 1)
    return page(found, limit, lambda entry: (entry.booking_id,)) | {"session": session}


@rosters.get("/roster.csv")
@rosters.roles(*STAFF_AND_TEACHERS)
@rosters.response(
    200,
    {"type": "string"},
    content_type="text/csv",
    headers={"Content-Disposition": CONTENT_DISPOSITION},
)
def download_roster(session_id: int) -> Response:
    """Give the whole roster as a CSV file, with the columns of the list."""
    db = request_db()
    visible_session(db, session_id)
    entries = _ENTRY.dump(read_roster(db, session_id), many=True)
    header = [field.data_key or name for name, field in _ENTRY.fields.items()]
    text = csv_text(header, ([entry[column] for column in header] for entry in entries))
    return csv_attachment(text, f"roster-{session_id}.csv")


def visible_session(db: Connection, session_id: int) -> Row[Any]:
    """The session; raises Problem 404 too when it is another teacher's."""
    session = find_session(db, session_id, taught_by=only_taught_by())
    if session is None:
        raise Problem("not_found")
    return session


def _place(db: Connection, session_id: int, cursor: tuple[int] | None) -> tuple[str, int] | None:
    if cursor is None:
        return None
    place = place_in_roster(db, session_id, *cursor)
    if place is None:
        raise Problem("invalid_fields", errors={"cursor": ["Is not a place in this list."]})
    return place
