"""How a job is answered: at once, after a wait, or again for a repeated key."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from flask import Response, jsonify

from app.api.blueprint import ApiBlueprint, Decorator
from app.api.header_docs import (
    ETAG,
    IDEMPOTENCY_KEY,
    LOCATION,
    PREFER,
    PREFERENCE_APPLIED,
    REPLAYED,
    RETRY_AFTER,
)
from app.api.prefer import preference_applied
from app.api.schemas.jobs import JobSchema

View = TypeVar("View", bound=Callable[..., Any])

# of these kinds, success always made something that wasn't there before
_MAKING = frozenset({"BOOK_STEP", "CHANGE_STEP", "JOIN_WAITLIST", "BOOK_SEAT", "ADD_SESSION"})
_SCHEMA = JobSchema()


class JobView(Protocol):
    """What the answer's status and headers are read from; `JobSchema` reads the rest."""

    @property
    def id(self) -> Any:
        """The job's UUID."""

    @property
    def kind(self) -> str:
        """What it asks for."""

    @property
    def status(self) -> str:
        """Where it stands."""

    @property
    def result(self) -> dict[str, Any] | None:
        """What it came to, as the database keeps it."""

    @property
    def poll_after_ms(self) -> int | None:
        """When to ask again."""


def submitted(
    job: JobView,
    *,
    preferred_wait: timedelta | None = None,
    replayed: bool = False,
) -> Response:
    """Answer a submit: 202 while queued; final, 201 if it made something and 200 if not.

    `preferred_wait` is what the client asked for and got; a job that was `replayed` made nothing
    this time.
    """
    response = jsonify(_SCHEMA.dump(job))
    response.status_code = _submit_status(job, replayed=replayed)
    response.headers["Location"] = f"/api/jobs/{job.id}"
    response.add_etag()
    if response.status_code == 202:
        response.headers["Retry-After"] = str(retry_after_seconds(job))
    if preferred_wait is not None:
        response.headers.update(preference_applied(preferred_wait))
    if replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _submit_status(job: JobView, *, replayed: bool) -> int:
    if job.status == "QUEUED":
        return 202
    return 201 if _made_something(job) and not replayed else 200


def _made_something(job: JobView) -> bool:
    if job.kind == "BULK_BOOK":
        return bool((job.result or {}).get("bookings"))
    return job.status == "SUCCEEDED" and job.kind in _MAKING


def retry_after_seconds(job: JobView) -> int:
    """Return the job's advice on polling in whole seconds, at least one."""
    return max(1, -(-(job.poll_after_ms or 0) // 1000))


def documents_submit(blueprint: ApiBlueprint) -> Decorator:
    """Document the headers and answers that every submit has; stands right under the route."""

    def decorator(view: View) -> View:
        described = blueprint.takes_headers(IDEMPOTENCY_KEY, PREFER)(view)
        for status, description, headers in _ANSWERS:
            described = blueprint.alt_response(
                status, schema=JobSchema, description=description, headers=headers
            )(described)
        for status, name in ((400, "BAD_REQUEST"), (429, "TOO_MANY_REQUESTS")):
            described = blueprint.alt_response(status, name)(described)
        return blueprint.alt_response(422, "UNPROCESSABLE_ENTITY")(described)

    return decorator


_FINAL_HEADERS = {
    "ETag": ETAG,
    "Location": LOCATION,
    "Preference-Applied": PREFERENCE_APPLIED,
    "Idempotency-Replayed": REPLAYED,
}
_ANSWERS = (
    (202, "Accepted: poll the job.", {**_FINAL_HEADERS, "Retry-After": RETRY_AFTER}),
    (201, "Decided within the wait: something was made.", _FINAL_HEADERS),
    (200, "Decided: anything else, or a repeated key.", _FINAL_HEADERS),
)
