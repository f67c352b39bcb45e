"""Adding a session: to which class, and when."""

from typing import Any
from uuid import uuid4

from flask import Response, request
from marshmallow import ValidationError
from sqlalchemy import Connection, Row

from app.api.collaborators import request_db
from app.api.fields import is_storable
from app.api.problem import Problem
from app.api.schemas.staff.requests import AddSessionRequestSchema
from app.web.page import render
from app.web.reader import current_reader
from app.web.staff.deeds import submit_deed
from app.web.staff.faults import Faults, faults_of
from app.web.staff.listing import LISTED
from app.web.staff.local_times import instant_text
from app.web.submitting import number
from models.booking_job import JobKind
from models.class_listing import find_class, list_classes
from models.staff_targets import class_target
from models.submitting import Target

_ADD = AddSessionRequestSchema()


def choose_class() -> Response:
    """Show the classes, or those whose name contains what was searched for."""
    text = request.args.get("q", "").strip()
    contained = text if text and is_storable(text) else None
    classes = list_classes(request_db(), contained, limit=LISTED)
    return render("staff/classes.html", classes=classes, searched=text, most=LISTED)


def ask_when(class_id: int) -> Response:
    """Ask when the new session of a class takes place."""
    return _ask(class_id, {})


def add(class_id: int) -> Response:
    """Add the session."""
    found = _class(class_id)
    fields = {
        "startAt": instant_text(request.form.get("startAt", ""), found.time_zone),
        "endAt": instant_text(request.form.get("endAt", ""), found.time_zone),
        "capacityMax": number(request.form.get("capacityMax", "")),
    }

    def find(db: Connection, _user_id: int) -> Target | None:
        return class_target(db, class_id)

    try:
        return submit_deed(JobKind.ADD_SESSION, _ADD, fields, find)
    except ValidationError as error:
        return _ask(class_id, faults_of(error, current_reader()))


def _ask(class_id: int, faults: Faults) -> Response:
    return render(
        "staff/session_add.html",
        422 if faults else 200,
        group_class=_class(class_id),
        faults=faults,
        sent=request.form,
        form_key=uuid4(),
    )


def _class(class_id: int) -> Row[Any]:
    found = find_class(request_db(), class_id)
    if found is None:
        raise Problem("not_found")
    return found
