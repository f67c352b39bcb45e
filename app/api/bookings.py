"""What a student does about one step: book, change, cancel, and wait for a seat."""

from typing import Any

from flask import Response
from sqlalchemy import Connection

from app.api.blueprint import ApiBlueprint
from app.api.job_answer import documents_submit
from app.api.schemas.requests import (
    BookStepSessionRequestSchema,
    CancelStepBookingRequestSchema,
    ChangeStepSessionRequestSchema,
    JoinWaitlistRequestSchema,
    NoBodySchema,
)
from app.api.submitting import FindTarget, accept
from models.booking_job import JobKind, Priority
from models.submitting import Target
from models.targets import seat_target, step_target, waiting_target

bookings = ApiBlueprint(
    "bookings",
    url_prefix="/api/students/me/course-packages/<id:package_id>/steps/<id:step_id>",
    description="Taking, changing and giving back a step's seat; each call is accepted as a job.",
    reads_person=False,
)


@bookings.post("/book-session")
@documents_submit(bookings)
@bookings.arguments(BookStepSessionRequestSchema)
def book_session(body: dict[str, Any], package_id: int, step_id: int) -> Response:
    """Book one step in a session of the chosen option."""
    return accept(
        JobKind.BOOK_STEP, body, for_option(body["course_step_option_id"], package_id, step_id)
    )


@bookings.post("/change-session")
@documents_submit(bookings)
@bookings.arguments(ChangeStepSessionRequestSchema)
def change_session(body: dict[str, Any], package_id: int, step_id: int) -> Response:
    """Move a booked step to another session; refused means that nothing moved."""
    return accept(
        JobKind.CHANGE_STEP, body, for_option(body["course_step_option_id"], package_id, step_id)
    )


@bookings.delete("/booking")
@documents_submit(bookings)
@bookings.arguments(CancelStepBookingRequestSchema, required=False)
def cancel_booking(body: dict[str, Any], package_id: int, step_id: int) -> Response:
    """Cancel a step's booking; the step can be booked again."""

    def find(db: Connection, user_id: int) -> Target | None:
        return seat_target(db, user_id, package_id, step_id)

    return accept(JobKind.CANCEL_STEP, body, find)


@bookings.post("/waitlist")
@documents_submit(bookings)
@bookings.arguments(JoinWaitlistRequestSchema)
def join_waitlist(body: dict[str, Any], package_id: int, step_id: int) -> Response:
    """Wait for a seat in a full session, or in any session of an option whose sessions are full.

    Who holds another seat for the step keeps it until the swap.
    """
    return accept(
        JobKind.JOIN_WAITLIST, body, for_option(body["course_step_option_id"], package_id, step_id)
    )


@bookings.delete("/waitlist")
@documents_submit(bookings)
@bookings.arguments(NoBodySchema, required=False)
def leave_waitlist(body: dict[str, Any], package_id: int, step_id: int) -> Response:
    """Leave every waitlist that the step is on."""

    def find(db: Connection, user_id: int) -> Target | None:
        return waiting_target(db, user_id, package_id, step_id)

    # whoever leaves before a seat is freed must not be promoted into it
    return accept(JobKind.LEAVE_WAITLIST, body, find, priority=Priority.WAITLIST)


def for_option(option_id: int, package_id: int, step_id: int) -> FindTarget:
    """What finds the lanes of a wish for this option, once the step is the user's own."""

    def find(db: Connection, user_id: int) -> Target | None:
        return step_target(db, user_id, package_id, step_id, option_id)

    return find
