"""Everybody's bookings."""

from typing import Any

from app.api.blueprint import ApiBlueprint
from app.api.collaborators import current_settings, request_db
from app.api.pages import page
from app.api.schemas.staff.bookings import StaffBookingListSchema, StaffBookingQuerySchema
from app.api.staff.rights import STAFF
from models import booking_listing
from models.booking_listing import BookingFilter

staff_bookings = ApiBlueprint(
    "staff-bookings", url_prefix="/api/admin/bookings", description="For staff: bookings."
)


@staff_bookings.get("")
@staff_bookings.roles(*STAFF)
@staff_bookings.arguments(StaffBookingQuerySchema, location="query")
@staff_bookings.response(200, StaffBookingListSchema)
def list_bookings(query: dict[str, Any]) -> dict[str, Any]:
    """List bookings of every status, the newest first."""
    return page_of_bookings(query)


def page_of_bookings(query: dict[str, Any]) -> dict[str, Any]:
    """A page of the bookings that a query asks for."""
    wanted = BookingFilter(
        student_id=query.get("student_id"),
        package_id=query.get("package_id"),
        session_id=query.get("session_id"),
        status=query.get("status"),
        booking_type=query.get("booking_type"),
    )
    limit = query["limit"]
    (before_id,) = query.get("cursor", (None,))
    found = booking_listing.list_bookings(
        request_db(), wanted, current_settings().policy, before_id=before_id, limit=limit + 1
    )
    return page(found, limit, lambda booking: (booking["id"],))
