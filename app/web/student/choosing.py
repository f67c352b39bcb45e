"""All sessions of a package at once: after it was bought, or whenever several steps are open."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from flask import Response, request
from sqlalchemy import Connection

from app.api.auth import current_user_id
from app.api.collaborators import current_settings, request_db
from app.api.problem import Problem
from app.api.schemas.requests import BulkBookSessionsRequestSchema
from app.web.page import render
from app.web.reader import Reader, current_reader
from app.web.student.own import own_packages
from app.web.submitting import choice, number, submit_form
from models.booking_job import JobKind
from models.bulk_booking import BulkMode
from models.enrolments import unbooked_steps
from models.submitting import Target
from models.targets import package_target

CHOICES_A_STEP = 12
"""How many sessions a step offers here; its own page lists all."""

_BULK = BulkBookSessionsRequestSchema()


def show_choices(package_id: int) -> Response:
    """Show each step that can be booked with its next sessions, one of them chosen."""
    reader = current_reader()
    package = _own_package(reader, package_id)
    steps = unbooked_steps(
        request_db(), current_user_id(), package_id, reader.now, current_settings().policy
    )
    return render(
        "student/choose.html",
        reader=reader,
        package=package,
        steps=[step | _choices(step) for step in steps],
        form_key=uuid4(),
    )


def _own_package(reader: Reader, package_id: int) -> dict[str, Any]:
    for package in own_packages(reader):
        if package["package_id"] == package_id:
            return package
    raise Problem("not_found")


def _choices(step: dict[str, Any]) -> dict[str, Any]:
    """The next sessions with a seat that the student could take, and `by_itself` among them.

    That is the one which the step is booked into without being chosen, because it has one class
    only; None where it has to be chosen.
    """
    free = [o for o in step["options"] if o.spots_available > 0 and o.hindrance is None]
    defaults = [offer for offer in free if offer.is_default]
    by_itself = defaults[0] if defaults and step["active_options"] == 1 else None
    return {"options": free[:CHOICES_A_STEP], "by_itself": by_itself}


def choose(package_id: int) -> Response:
    """Book what was chosen, and every step that has one class only."""
    selections = list(_selections())
    chosen = {one["courseStepOptionId"] for one in selections}

    def find(db: Connection, user_id: int) -> Target | None:
        return package_target(db, user_id, package_id, chosen)

    mode = BulkMode.BEST_EFFORT if "bestEffort" in request.form else BulkMode.ALL_OR_NOTHING
    return submit_form(
        JobKind.BULK_BOOK, _BULK, {"selections": selections, "mode": mode.value}, find
    )


def _selections() -> Iterable[dict[str, Any]]:
    """One for each step that isn't left for later."""
    for name in request.form:
        step_id = number(name.removeprefix("step-"))
        if name.startswith("step-") and request.form[name]:
            fields = {field: value for field, value in choice(name).items() if value != ""}
            yield {"courseStepId": step_id, **fields}
