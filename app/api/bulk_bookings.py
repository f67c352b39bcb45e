"""Booking many steps of a package at once."""

from typing import Any

from flask import Response
from sqlalchemy import Connection

from app.api.blueprint import ApiBlueprint
from app.api.job_answer import documents_submit
from app.api.schemas.requests import BulkBookSessionsRequestSchema
from app.api.submitting import accept
from models.booking_job import JobKind
from models.submitting import Target
from models.targets import package_target

bulk_bookings = ApiBlueprint(
    "bulk_bookings",
    url_prefix="/api/students/me/course-packages/<id:package_id>",
    description="Booking many steps at once; the call is accepted as a job.",
    reads_person=False,
)


@bulk_bookings.post("/book-sessions")
@documents_submit(bulk_bookings)
@bulk_bookings.arguments(BulkBookSessionsRequestSchema)
def bulk_book_sessions(body: dict[str, Any], package_id: int) -> Response:
    """Book the selected steps, and every other one that has exactly one option."""

    def find(db: Connection, user_id: int) -> Target | None:
        chosen = {selection["course_step_option_id"] for selection in body["selections"]}
        return package_target(db, user_id, package_id, chosen)

    return accept(JobKind.BULK_BOOK, body, find)
