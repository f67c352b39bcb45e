"""One step: the sessions that it can be taken in, and giving its seat back."""

from datetime import datetime
from uuid import uuid4

from flask import Response, request
from marshmallow import ValidationError

from app.api.collaborators import current_settings, request_db
from app.api.fields import Instant
from app.web.page import render
from app.web.reader import current_reader
from app.web.student.own import own_step
from models.step_sessions import sessions_of_step

LISTED = 30
"""How many sessions a page lists; the next page begins with the last one's start."""


def show_step(package_id: int, step_id: int) -> Response:
    """Show the sessions that the step can be booked into, or changed to."""
    reader = current_reader()
    package, step = own_step(reader, package_id, step_id)
    starts_from = _starts_from()
    offers = sessions_of_step(
        request_db(),
        package_id,
        step_id,
        reader.now,
        current_settings().policy,
        starts_from=starts_from,
        starts_before=None,
        limit=LISTED,
    )
    free = [offer for offer in offers if offer.spots_available > 0 and offer.hindrance is None]
    held = step["session"]["id"] if step["session"] else None
    return render(
        "student/step.html",
        reader=reader,
        package=package,
        step=step,
        offers=offers,
        free=free,
        others=[offer for offer in offers if offer not in free and offer.session_id != held],
        may_choose=step["may"]["change" if step["booking"] else "book"],
        later=offers[-1].start_at if len(offers) == LISTED else None,
        starts_from=starts_from,
        form_key=uuid4(),
    )


def _starts_from() -> datetime | None:
    """Which sessions to begin with; what isn't an instant says nothing."""
    try:
        return Instant().deserialize(request.args.get("from", ""))
    except ValidationError:
        return None


def ask_to_cancel(package_id: int, step_id: int) -> Response:
    """Ask whether the step's seat is really to be given back, and why."""
    reader = current_reader()
    package, step = own_step(reader, package_id, step_id)
    return render(
        "student/cancel.html", reader=reader, package=package, step=step, form_key=uuid4()
    )
