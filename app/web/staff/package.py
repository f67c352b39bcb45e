"""A student's package: a step booked for them, or the whole of it cancelled."""

from typing import Any
from uuid import uuid4

from flask import Response, request
from marshmallow import ValidationError
from sqlalchemy import Connection

from app.api.collaborators import current_settings, request_db
from app.api.problem import Problem
from app.api.schemas.staff.requests import (
    CancelPackageRequestSchema,
    StaffStepBookingRequestSchema,
)
from app.web.page import render
from app.web.reader import Reader, current_reader
from app.web.staff.deeds import exception_for, submit_deed
from app.web.staff.faults import Faults, faults_of
from app.web.staff.offers import offers_of
from app.web.submitting import choice
from models.booking_job import JobKind
from models.enrolments import enrolments, owns_package
from models.people import find_person
from models.staff_targets import cancelled_package_target, step_booking_target
from models.submitting import Target

_BOOK = StaffStepBookingRequestSchema()
_CANCEL = CancelPackageRequestSchema()


def ask_which_session(student_id: int, package_id: int, step_id: int) -> Response:
    """Show the sessions that the step can be booked into."""
    return _ask_which_session(student_id, package_id, step_id, {})


def book(student_id: int, package_id: int, step_id: int) -> Response:
    """Book the step in the chosen session for its student."""
    fields = choice() | {
        "packageId": package_id,
        "courseStepId": step_id,
        "override": exception_for(request.form.get("exception", "")),
    }

    def find(db: Connection, _user_id: int) -> Target | None:
        if not owns_package(db, student_id, package_id):
            return None
        body = {
            "package_id": package_id,
            "course_step_id": step_id,
            "course_step_option_id": fields["courseStepOptionId"],
        }
        return step_booking_target(db, body)

    try:
        return submit_deed(JobKind.BOOK_STEP, _BOOK, fields, find)
    except ValidationError as error:
        faults = faults_of(error, current_reader())
        return _ask_which_session(student_id, package_id, step_id, faults)


def _ask_which_session(student_id: int, package_id: int, step_id: int, faults: Faults) -> Response:
    reader = current_reader()
    package = _package(reader, student_id, package_id)
    steps = [step for step in package["steps"] if step["step_id"] == step_id]
    if not steps:
        raise Problem("not_found")
    return _render(
        "staff/step_book.html",
        student_id,
        package,
        faults,
        reader=reader,
        step=steps[0],
        offers=offers_of(package_id, step_id),
    )


def ask_to_cancel(student_id: int, package_id: int) -> Response:
    """Ask why the package is to be cancelled."""
    return _ask_to_cancel(student_id, package_id, {})


def cancel(student_id: int, package_id: int) -> Response:
    """Cancel the package, or find out which bookings that would cost."""
    fields = {
        "reason": request.form.get("reason", "").strip(),
        "dryRun": "dryRun" in request.form,
    }

    def find(db: Connection, _user_id: int) -> Target | None:
        if not owns_package(db, student_id, package_id):
            return None
        return cancelled_package_target(db, package_id)

    try:
        return submit_deed(JobKind.CANCEL_PACKAGE, _CANCEL, fields, find)
    except ValidationError as error:
        return _ask_to_cancel(student_id, package_id, faults_of(error, current_reader()))


def _ask_to_cancel(student_id: int, package_id: int, faults: Faults) -> Response:
    reader = current_reader()
    package = _package(reader, student_id, package_id)
    return _render("staff/package_cancel.html", student_id, package, faults, reader=reader)


def _package(reader: Reader, student_id: int, package_id: int) -> dict[str, Any]:
    """This student's package; raises Problem 404 for anybody else's."""
    for package in enrolments(request_db(), student_id, reader.now, current_settings().policy):
        if package["package_id"] == package_id:
            return package
    raise Problem("not_found")


def _render(
    template: str, student_id: int, package: dict[str, Any], faults: Faults, **words: Any
) -> Response:
    return render(
        template,
        422 if faults else 200,
        student=find_person(request_db(), student_id),
        package=package,
        faults=faults,
        sent=request.form,
        form_key=uuid4(),
        **words,
    )
