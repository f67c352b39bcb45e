"""The audit log: who did what, and why."""

from flask import Response, request

from app.api.collaborators import request_db
from app.api.schemas.staff.audit import AuditLogSchema, AuditQuerySchema
from app.api.staff.audit import page_of_audit
from app.web.page import render
from app.web.reader import current_reader
from app.web.staff.dates import asked_days
from app.web.staff.listing import NOTHING, asked, later_page
from models.people import find_names

_QUERY = AuditQuerySchema(exclude=("from_", "to"))
_DAYS = AuditQuerySchema(only=("from_", "to"))


def show_audit() -> Response:
    """Show the entries that the filters leave, the newest first."""
    reader = current_reader()
    days, wrong_days = asked_days(reader)
    wanted = asked(_QUERY, reader)
    faults = {**wanted.faults, **wrong_days}
    listed = NOTHING
    if not faults:
        listed = page_of_audit(wanted.query | _DAYS.load(days))
    entries = listed["items"]
    actors = {entry.actor_id for entry in entries if entry.actor_id}
    return render(
        "staff/audit.html",
        422 if faults else 200,
        reader=reader,
        entries=entries,
        names=find_names(request_db(), actors),
        sent=request.args,
        faults=faults,
        later=later_page(listed, AuditLogSchema),
    )
