"""A seat without a package: somebody who drops in, or comes to a workshop."""

from typing import Any
from uuid import uuid4

from flask import Response, request
from marshmallow import ValidationError
from sqlalchemy import Connection

from app.api.collaborators import request_db
from app.api.schemas.staff.requests import StaffSeatBookingRequestSchema
from app.api.schemas.staff.students import StudentListSchema, StudentQuerySchema
from app.api.staff.rosters import visible_session
from app.api.staff.students import page_of_students
from app.web.page import render
from app.web.reader import current_reader
from app.web.staff.deeds import submit_deed
from app.web.staff.faults import Faults, faults_of
from app.web.staff.listing import NOTHING, asked, later_page
from app.web.submitting import number
from models.booking import BookingType
from models.booking_job import JobKind
from models.staff_targets import seat_booking_target
from models.submitting import Target

_SEAT = StaffSeatBookingRequestSchema()
_QUERY = StudentQuerySchema()


def ask_for_whom(session_id: int) -> Response:
    """Find the student who gets the seat."""
    return _ask(session_id, {})


def seat(session_id: int) -> Response:
    """Seat the chosen student in the session."""
    body: dict[str, Any] = {
        "bookingType": request.form.get("bookingType", ""),
        "userId": number(request.form.get("userId", "")),
        "sessionId": session_id,
    }

    def find(db: Connection, _user_id: int) -> Target | None:
        visible_session(db, session_id)
        return seat_booking_target(db, _SEAT.load(body))

    try:
        return submit_deed(JobKind.BOOK_SEAT, _SEAT, body, find)
    except ValidationError as error:
        return _ask(session_id, faults_of(error, current_reader()))


def _ask(session_id: int, faults: Faults) -> Response:
    reader = current_reader()
    session = visible_session(request_db(), session_id)
    found = NOTHING
    wanted = asked(_QUERY, reader)
    if wanted.query.get("q"):
        found = page_of_students(wanted.query)
    faults = faults or wanted.faults
    return render(
        "staff/session_seat.html",
        422 if faults else 200,
        reader=reader,
        session=session,
        students=found["items"],
        later=later_page(found, StudentListSchema),
        searched=request.args.get("q", "").strip(),
        types=[BookingType.DROP_IN, BookingType.WORKSHOP],
        faults=faults,
        form_key=uuid4(),
    )
