"""Booking a step."""

from typing import Any

from flask import Response
from sqlalchemy import Connection

from app.api.blueprint import ApiBlueprint
from app.api.job_answer import documents_submit
from app.api.schemas.requests import BookStepSessionRequestSchema
from app.api.submitting import Asked, accept
from models.booking_job import JobKind
from models.submitting import own_step_lane

bookings = ApiBlueprint(
    "bookings",
    url_prefix="/api/students/me/course-packages/<id:package_id>/steps/<id:step_id>",
    description="Taking a step's seat; each call is accepted as a job.",
)


@bookings.post("/book-session")
@documents_submit(bookings)
@bookings.arguments(BookStepSessionRequestSchema)
def book_session(body: dict[str, Any], package_id: int, step_id: int) -> Response:
    """Book one step in a session of the chosen option."""

    def find_lane(db: Connection, user_id: int) -> int | None:
        return own_step_lane(db, user_id, package_id, step_id, body["course_step_option_id"])

    asked = Asked(kind=JobKind.BOOK_STEP, package_id=package_id, step_id=step_id, body=body)
    return accept(asked, find_lane)
