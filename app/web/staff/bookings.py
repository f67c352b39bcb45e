"""Everybody's bookings, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request

from app.api.collaborators import request_db
from app.api.fields import is_storable
from app.api.schemas.staff.bookings import StaffBookingListSchema, StaffBookingQuerySchema
from app.api.staff.bookings import page_of_bookings
from app.web.page import render
from app.web.reader import current_reader
from app.web.staff.listing import NOTHING, asked, later_page
from models.booking import BookingStatus, BookingType
from models.people import find_person
from models.session_listing import find_sessions
from models.student_search import search_students

MOST_NAMESAKES = 20
"""How many students a name may mean before one is chosen."""

_QUERY = StaffBookingQuerySchema()


@dataclass(frozen=True)
class Meant:
    """Whom a name means: one student, several to choose from, or nobody."""

    student: Any = None
    several: Sequence[Any] = field(default_factory=tuple)
    nobody: bool = False


def show_bookings() -> Response:
    """Show the bookings that the filters leave."""
    reader, meant = current_reader(), _meant()
    fixed = {"studentId": str(meant.student.id)} if meant.student else {}
    wanted = asked(_QUERY, reader, **fixed)
    listed = NOTHING
    if not (wanted.faults or meant.several or meant.nobody):
        listed = page_of_bookings(wanted.query)
    bookings = listed["items"]
    return render(
        "staff/bookings.html",
        wanted.status,
        reader=reader,
        meant=meant,
        faults=wanted.faults,
        bookings=bookings,
        sessions=find_sessions(request_db(), (booking["session_id"] for booking in bookings)),
        sent=request.args,
        statuses=list(BookingStatus),
        types=list(BookingType),
        later=later_page(listed, StaffBookingListSchema),
    )


def _meant() -> Meant:
    student_id = request.args.get("studentId", "")
    if student_id.isascii() and student_id.isdecimal() and len(student_id) < 19:
        return Meant(student=find_person(request_db(), int(student_id)))
    text = request.args.get("q", "").strip()
    if not text or not is_storable(text):
        return Meant()
    found = search_students(request_db(), text, after_id=None, limit=MOST_NAMESAKES)
    if len(found) == 1:
        return Meant(student=found[0])
    return Meant(several=found, nobody=not found)
