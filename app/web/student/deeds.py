"""What a student does about one step, sent as a form."""

from typing import Any

from flask import Response, request
from sqlalchemy import Connection

from app.api.bookings import for_option
from app.api.schemas.requests import (
    BookStepSessionRequestSchema,
    CancelStepBookingRequestSchema,
    ChangeStepSessionRequestSchema,
    JoinWaitlistRequestSchema,
    NoBodySchema,
)
from app.web.submitting import choice, submit_form
from models.booking_job import JobKind, Priority
from models.submitting import Target
from models.targets import seat_target, waiting_target

_BOOK = BookStepSessionRequestSchema()
_CHANGE = ChangeStepSessionRequestSchema()
_CANCEL = CancelStepBookingRequestSchema()
_JOIN = JoinWaitlistRequestSchema()
_NOTHING = NoBodySchema()


def book(package_id: int, step_id: int) -> Response:
    """Book the step in the chosen session."""
    return _choose(JobKind.BOOK_STEP, _BOOK, package_id, step_id)


def change(package_id: int, step_id: int) -> Response:
    """Move the step's booking to the chosen session."""
    return _choose(JobKind.CHANGE_STEP, _CHANGE, package_id, step_id)


def join(package_id: int, step_id: int) -> Response:
    """Wait for a seat in the chosen session."""
    return _choose(JobKind.JOIN_WAITLIST, _JOIN, package_id, step_id)


def cancel(package_id: int, step_id: int) -> Response:
    """Give the step's seat back."""

    def find(db: Connection, user_id: int) -> Target | None:
        return seat_target(db, user_id, package_id, step_id)

    return submit_form(
        JobKind.CANCEL_STEP, _CANCEL, {"reason": request.form.get("reason", "").strip()}, find
    )


def leave(package_id: int, step_id: int) -> Response:
    """Leave every waitlist that the step is on."""

    def find(db: Connection, user_id: int) -> Target | None:
        return waiting_target(db, user_id, package_id, step_id)

    return submit_form(JobKind.LEAVE_WAITLIST, _NOTHING, {}, find, priority=Priority.WAITLIST)


def _choose(kind: JobKind, schema: Any, package_id: int, step_id: int) -> Response:
    fields = choice()
    option_id = fields["courseStepOptionId"]
    # what isn't a number is refused by the schema, before anything is looked up
    find = for_option(option_id if isinstance(option_id, int) else 0, package_id, step_id)
    return submit_form(kind, schema, fields, find)
