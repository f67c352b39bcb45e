"""One session: its facts, who has its seats, and who came."""

from typing import Any
from uuid import uuid4

from flask import Response, request
from marshmallow import ValidationError
from sqlalchemy import Connection

from app.api.schemas.staff.requests import MarkAttendanceRequestSchema
from app.api.schemas.staff.rosters import RosterQuerySchema, RosterSchema
from app.api.staff.rights import only_taught_by
from app.api.staff.rosters import page_of_roster
from app.web.page import render
from app.web.reader import current_reader
from app.web.staff.deeds import submit_deed
from app.web.staff.faults import Faults, faults_of
from app.web.staff.listing import asked, later_page
from app.web.staff.weeks import week_of
from app.web.submitting import number
from models.booking import BookingStatus
from models.booking_job import JobKind
from models.catalog import SessionStatus
from models.staff_targets import session_target
from models.submitting import Target

_QUERY = RosterQuerySchema()
_MARKS = MarkAttendanceRequestSchema()
_MARK = "mark-"


def show_session(session_id: int) -> Response:
    """Show a session with its roster; teachers only those of their own classes."""
    return _show(session_id, {})


def mark_attendance(session_id: int) -> Response:
    """Mark what became of the bookings that were marked differently from before."""
    taught_by = only_taught_by()

    def find(db: Connection, _user_id: int) -> Target | None:
        return session_target(db, session_id, taught_by)

    try:
        return submit_deed(JobKind.MARK_ATTENDANCE, _MARKS, {"marks": _changed_marks()}, find)
    except ValidationError as error:
        reader = current_reader()
        faults = faults_of(error, reader)
        if not _changed_marks():
            faults = {"marks": [reader.language.gettext("Nothing was marked differently.")]}
        return _show(session_id, faults)


def _changed_marks() -> list[dict[str, Any]]:
    marks = []
    for name, status in request.form.items():
        booking_id = name.removeprefix(_MARK)
        if name.startswith(_MARK) and status != request.form.get(f"was-{booking_id}"):
            marks.append({"bookingId": number(booking_id), "status": status})
    return marks


def _show(session_id: int, faults: Faults) -> Response:
    reader = current_reader()
    wanted = asked(_QUERY, reader)
    # a list that can't be gone on with begins anew
    query = wanted.query or _QUERY.load({})
    roster = page_of_roster(query, session_id)
    session = roster["session"]
    is_to_come = session.status == SessionStatus.SCHEDULED and session.start_at > reader.now
    return render(
        "staff/session.html",
        422 if faults or wanted.faults else 200,
        reader=reader,
        session=session,
        week=week_of(session.start_at, reader.zone).name,
        seats=roster["items"],
        later=later_page(roster, RosterSchema),
        marks=[BookingStatus.CONFIRMED, BookingStatus.ATTENDED, BookingStatus.NO_SHOW],
        may_change=only_taught_by() is None and is_to_come,
        is_staff=only_taught_by() is None,
        faults=faults or wanted.faults,
        form_key=uuid4(),
    )
