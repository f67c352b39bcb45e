"""Cancelling a session, moving it, setting its seats: asked for, tried out, and then done.

The form asks for a dry run; the page of that job lists whom it concerns, and holds the form that
does it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import Response, request
from marshmallow import Schema, ValidationError
from sqlalchemy import Connection, Row

from app.api.collaborators import request_db
from app.api.schemas.staff.requests import (
    CancelSessionRequestSchema,
    MoveSessionRequestSchema,
    SetCapacityRequestSchema,
)
from app.api.staff.rosters import visible_session
from app.web.page import render
from app.web.reader import current_reader
from app.web.staff.deeds import submit_deed
from app.web.staff.faults import Faults, faults_of
from app.web.staff.local_times import instant_text, local_text
from app.web.submitting import number
from models.booking_job import JobKind
from models.staff_targets import session_target
from models.submitting import Target


@dataclass(frozen=True)
class Deed:
    """What can be done to a session: its job, and what its form's fields say of a session."""

    name: str
    kind: JobKind
    schema: Schema
    fields: Callable[[Row[Any]], dict[str, Any]]
    filled_in: Callable[[Row[Any]], dict[str, Any]]
    """What the form holds before anybody has written in it."""


def _reason() -> str:
    return request.form.get("reason", "").strip()


def _times(session: Row[Any]) -> dict[str, Any]:
    return {
        name: instant_text(request.form.get(name, ""), session.time_zone)
        for name in ("startAt", "endAt")
    }


def _own_times(session: Row[Any]) -> dict[str, Any]:
    return {
        "startAt": local_text(session.start_at, session.time_zone),
        "endAt": local_text(session.end_at, session.time_zone),
    }


_CANCEL = Deed(
    "cancel",
    JobKind.CANCEL_SESSION,
    CancelSessionRequestSchema(),
    fields=lambda _: {},
    filled_in=lambda _: {},
)
_MOVE = Deed(
    "move",
    JobKind.MOVE_SESSION,
    MoveSessionRequestSchema(),
    fields=_times,
    filled_in=_own_times,
)
_SET_CAPACITY = Deed(
    "capacity",
    JobKind.SET_CAPACITY,
    SetCapacityRequestSchema(),
    fields=lambda _: {"capacityMax": number(request.form.get("capacityMax", ""))},
    filled_in=lambda session: {"capacityMax": session.capacity_max},
)


def ask_to_cancel(session_id: int) -> Response:
    """Ask why a session is to be cancelled."""
    return _ask(session_id, _CANCEL)


def cancel(session_id: int) -> Response:
    """Cancel a session, or find out whom that would concern."""
    return _do(session_id, _CANCEL)


def ask_to_move(session_id: int) -> Response:
    """Ask when a session is to take place instead, and why."""
    return _ask(session_id, _MOVE)


def move(session_id: int) -> Response:
    """Move a session, or find out whom that would concern."""
    return _do(session_id, _MOVE)


def ask_for_capacity(session_id: int) -> Response:
    """Ask how many seats a session is to have, and why."""
    return _ask(session_id, _SET_CAPACITY)


def set_capacity(session_id: int) -> Response:
    """Set how many seats a session has, or find out whom that would concern."""
    return _do(session_id, _SET_CAPACITY)


def _ask(session_id: int, deed: Deed, faults: Faults | None = None) -> Response:
    session = visible_session(request_db(), session_id)
    return render(
        f"staff/session_{deed.name}.html",
        422 if faults else 200,
        session=session,
        faults=faults or {},
        sent=request.form or deed.filled_in(session),
        form_key=uuid4(),
    )


def _do(session_id: int, deed: Deed) -> Response:
    session = visible_session(request_db(), session_id)
    fields = {"reason": _reason(), "dryRun": "dryRun" in request.form} | deed.fields(session)

    def find(db: Connection, _user_id: int) -> Target | None:
        return session_target(db, session_id)

    try:
        return submit_deed(deed.kind, deed.schema, fields, find)
    except ValidationError as error:
        return _ask(session_id, deed, faults_of(error, current_reader()))
