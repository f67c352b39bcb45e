"""Forms become jobs: the same ones as through the API, followed on the job's page."""

from datetime import timedelta
from typing import Any

from flask import Response, request
from marshmallow import Schema

from app.api.idempotency import checked_key, fingerprint
from app.api.submitting import FindTarget, await_decision, take
from app.web.page import see_other
from models.booking_job import JobKind, Priority

FORM_WAIT = timedelta(seconds=2)
"""How long a form's answer is held for the decision; most are made by then."""


def submit_form(
    kind: JobKind,
    schema: Schema,
    fields: dict[str, Any],
    find_target: FindTarget,
    *,
    priority: Priority = Priority.ORDINARY,
    audited: bool = False,
    job_page: str = "/jobs",
) -> Response:
    """Accept a form's fields as a job, and lead to its page, which stands below `job_page`.

    Sent twice, the form makes one job. Raises Problem, and ValidationError for bad fields.
    """
    body = schema.load({name: value for name, value in fields.items() if value not in ("", None)})
    key = form_key(fields)
    taken = take(kind, body, find_target, key, priority=priority, audited=audited)
    job, _ = await_decision(taken.job, FORM_WAIT)
    return see_other(f"{job_page}/{job.id}")


def form_key(fields: dict[str, Any]) -> str:
    """The key under which the form was handed out, and a mark of what was filled in.

    Who goes back and fills in something else asks for something else.
    """
    filled_in = fingerprint(request.method, request.path, fields).hex()[:32]
    return checked_key(f"{request.form.get('formKey', '')[:200]}-{filled_in}")


def choice(name: str = "choice") -> dict[str, Any]:
    """The option and session that a form's button names as `option-session`, or `option`."""
    option_id, _, session_id = request.form.get(name, "").partition("-")
    return {"courseStepOptionId": number(option_id), "sessionId": number(session_id)}


def number(text: str) -> int | str:
    """The number that was sent as text; anything else is left for the schema to refuse."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else text
