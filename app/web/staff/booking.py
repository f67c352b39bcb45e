"""One booking: moved to another session or cancelled for its student."""

from typing import Any
from uuid import uuid4

from flask import Response, request
from marshmallow import ValidationError
from sqlalchemy import Connection

from app.api.collaborators import current_settings, request_db
from app.api.problem import Problem
from app.api.schemas.staff.requests import StaffCancelRequestSchema, StaffChangeRequestSchema
from app.web.page import render
from app.web.reader import current_reader
from app.web.staff.deeds import exception_for, submit_deed
from app.web.staff.faults import Faults, faults_of
from app.web.staff.offers import offers_of
from app.web.submitting import choice
from models.booking import BookingStatus
from models.booking_job import JobKind
from models.booking_listing import find_booking
from models.session_listing import find_session
from models.staff_targets import booking_target
from models.submitting import Target

_CHANGE = StaffChangeRequestSchema()
_CANCEL = StaffCancelRequestSchema()


def show_booking(booking_id: int) -> Response:
    """Show a booking: whose, of what, since when, by whom, and how it ended."""
    return _render("staff/booking.html", booking_id, {})


def ask_to_change(booking_id: int) -> Response:
    """Show the sessions that the booking's step could be taken in instead."""
    return _ask_to_change(booking_id, {})


def change(booking_id: int) -> Response:
    """Move the booking to the chosen session."""
    exception = exception_for(request.form.get("exception", ""))
    fields = choice() | {"override": exception}
    option_id = fields["courseStepOptionId"]

    def find(db: Connection, _user_id: int) -> Target | None:
        return booking_target(db, booking_id, option_id)

    try:
        return submit_deed(JobKind.CHANGE_STEP, _CHANGE, fields, find)
    except ValidationError as error:
        return _ask_to_change(booking_id, faults_of(error, current_reader()))


def ask_to_cancel(booking_id: int) -> Response:
    """Ask why the booking is to be cancelled."""
    return _render("staff/booking_cancel.html", booking_id, {})


def cancel(booking_id: int) -> Response:
    """Cancel the booking."""
    reason = request.form.get("reason", "").strip()
    exception = exception_for(reason) if "exception" in request.form else None
    fields = {"reason": reason, "override": exception}

    def find(db: Connection, _user_id: int) -> Target | None:
        return booking_target(db, booking_id)

    try:
        return submit_deed(JobKind.CANCEL_STEP, _CANCEL, fields, find)
    except ValidationError as error:
        faults = faults_of(error, current_reader())
        return _render("staff/booking_cancel.html", booking_id, faults)


def _ask_to_change(booking_id: int, faults: Faults) -> Response:
    booking = _booking(booking_id)
    if booking["course_step_id"] is None:
        raise Problem("not_found")
    offers = offers_of(booking["student_package_id"], booking["course_step_id"])
    return _render("staff/booking_change.html", booking_id, faults, offers=offers)


def _render(template: str, booking_id: int, faults: Faults, **words: Any) -> Response:
    booking = _booking(booking_id)
    return render(
        template,
        422 if faults else 200,
        booking=booking,
        session=find_session(request_db(), booking["session_id"], taught_by=None),
        holds_seat=booking["status"] != BookingStatus.CANCELLED,
        faults=faults,
        sent=request.form,
        form_key=uuid4(),
        **words,
    )


def _booking(booking_id: int) -> dict[str, Any]:
    booking = find_booking(request_db(), booking_id, current_settings().policy)
    if booking is None:
        raise Problem("not_found")
    return booking
