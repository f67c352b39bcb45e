"""What staff do to bookings and packages; each call is accepted as a job."""

from typing import Any

from flask import Response
from sqlalchemy import Connection

from app.api.blueprint import ApiBlueprint
from app.api.job_answer import documents_submit
from app.api.schemas.staff.requests import (
    CancelPackageRequestSchema,
    StaffBookingRequestSchema,
    StaffCancelRequestSchema,
    StaffChangeRequestSchema,
)
from app.api.staff.accepting import accept_deed
from app.api.staff.rights import STAFF
from models.booking import BookingType
from models.booking_job import JobKind
from models.staff_targets import (
    booking_target,
    cancelled_package_target,
    seat_booking_target,
    step_booking_target,
)
from models.submitting import Target

booking_jobs = ApiBlueprint(
    "staff-booking-jobs",
    url_prefix="/api/admin",
    description="For staff: what is done to bookings and packages, each as a job.",
)

_EITHER_BOOKING = {"oneOf": list(StaffBookingRequestSchema.kinds)}


@booking_jobs.post("/bookings")
@documents_submit(booking_jobs)
@booking_jobs.roles(*STAFF)
@booking_jobs.arguments(StaffBookingRequestSchema)
@booking_jobs.doc(requestBody={"content": {"application/json": {"schema": _EITHER_BOOKING}}})
def book_for_student(body: dict[str, Any]) -> Response:
    """Book a step for a student, or seat somebody without a package."""
    if body["booking_type"] == BookingType.COURSE_STEP:

        def find_step(db: Connection, _user_id: int) -> Target:
            return step_booking_target(db, body)

        return accept_deed(JobKind.BOOK_STEP, body, find_step)

    def find_seat(db: Connection, _user_id: int) -> Target:
        return seat_booking_target(db, body)

    return accept_deed(JobKind.BOOK_SEAT, body, find_seat)


@booking_jobs.post("/bookings/<id:booking_id>/change")
@documents_submit(booking_jobs)
@booking_jobs.roles(*STAFF)
@booking_jobs.arguments(StaffChangeRequestSchema)
def change_for_student(body: dict[str, Any], booking_id: int) -> Response:
    """Move a student's booking to another session."""

    def find(db: Connection, _user_id: int) -> Target | None:
        return booking_target(db, booking_id, body["course_step_option_id"])

    return accept_deed(JobKind.CHANGE_STEP, body, find)


@booking_jobs.post("/bookings/<id:booking_id>/cancel")
@documents_submit(booking_jobs)
@booking_jobs.roles(*STAFF)
@booking_jobs.arguments(StaffCancelRequestSchema)
def cancel_for_student(body: dict[str, Any], booking_id: int) -> Response:
    """Cancel a student's booking; with an override also after its window, or a no-show's."""

    def find(db: Connection, _user_id: int) -> Target | None:
        return booking_target(db, booking_id)

    return accept_deed(JobKind.CANCEL_STEP, body, find)


@booking_jobs.post("/packages/<id:package_id>/cancel")
@documents_submit(booking_jobs)
@booking_jobs.roles(*STAFF)
@booking_jobs.arguments(CancelPackageRequestSchema)
def cancel_package(body: dict[str, Any], package_id: int) -> Response:
    """Cancel a package with its seats in coming sessions."""

    def find(db: Connection, _user_id: int) -> Target | None:
        return cancelled_package_target(db, package_id)

    return accept_deed(JobKind.CANCEL_PACKAGE, body, find)
