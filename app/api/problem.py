"""The one place where errors become HTTP: RFC 9457 `application/problem+json`.

A view raises `Problem("code")`; everything else that can go wrong (the router's 404, a body
that can't be read, the database away, a defect) ends up in a handler of this file. No answer
carries a stack trace, SQL or a value that someone else sent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, current_app, json, request
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.api.collaborators import current_runtime
from app.api.field_errors import flat_errors
from models.database_faults import is_doubtful, is_passing

CONTENT_TYPE = "application/problem+json"

PAGES = "pages"
"""The blueprint of what people see: its problems are pages, too."""
ProblemPage = Callable[[dict[str, Any], Mapping[str, str]], Response]

_PAGE = "problem_page"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Kind:
    """What is fixed about one kind of problem.

    `message` is a sentence for the person at the screen; `retry_after` is in seconds.
    """

    status: int
    title: str
    message: str
    retry_after: int | None = None


_ASK_DEVELOPER = "The app sent something we could not read. Please reload the page and try again."

KINDS: Mapping[str, Kind] = {
    "bad_request": Kind(400, "Bad request", _ASK_DEVELOPER),
    "malformed_body": Kind(400, "Malformed JSON", _ASK_DEVELOPER),
    "body_required": Kind(400, "A JSON body is required", _ASK_DEVELOPER),
    "invalid_idempotency_key": Kind(400, "Invalid Idempotency-Key", _ASK_DEVELOPER),
    "not_signed_in": Kind(401, "Not signed in", "Please sign in and try again."),
    "invalid_token": Kind(
        401, "Invalid token", "Your sign-in is no longer valid. Please sign in and try again."
    ),
    "forbidden": Kind(403, "Forbidden", "You don't have permission to do this."),
    "cross_site": Kind(
        403, "Sent by another site", "This was sent by another site. Please do it on our own page."
    ),
    "not_found": Kind(404, "Not found", "We couldn't find what you are looking for."),
    "method_not_allowed": Kind(405, "Method not allowed", "This can't be done here."),
    "job_already_decided": Kind(
        409, "Job already decided", "This request was already decided and can't be withdrawn."
    ),
    "job_not_failed": Kind(409, "Job has not failed", "Only a job that failed can be tried again."),
    "promotion_already_queued": Kind(
        409, "Promotion already queued", "This session's waitlist is about to be looked at."
    ),
    "not_a_mail": Kind(409, "Not a mail", "Only mails can be sent again."),
    "mail_still_on_its_way": Kind(
        409, "Mail is still on its way", "This mail hasn't left yet. Please wait until it has."
    ),
    "mail_just_sent_again": Kind(
        409,
        "Mail was just sent again",
        "This mail was sent again a moment ago. Please wait a minute.",
    ),
    "body_too_large": Kind(413, "Body too large", "That is more than we can take in one go."),
    "uri_too_long": Kind(414, "Address too long", _ASK_DEVELOPER),
    "unsupported_media_type": Kind(415, "Unsupported media type", _ASK_DEVELOPER),
    "invalid_fields": Kind(422, "Invalid fields", "Please check the fields and try again."),
    "idempotency_key_reused": Kind(
        422, "Idempotency-Key reused", "This was already sent with other details. Please reload."
    ),
    "too_many_requests": Kind(
        429, "Too many requests", "That was a bit fast. Please wait a moment and try again.", 10
    ),
    "headers_too_large": Kind(431, "Header fields too large", _ASK_DEVELOPER),
    "internal_error": Kind(
        500, "Internal error", "Something went wrong on our side. Please try again later."
    ),
    "database_unavailable": Kind(
        503, "Temporarily unavailable", "We are briefly unavailable. Please try again soon.", 5
    ),
    "queue_full": Kind(
        503, "Queue full", "So many people are booking right now. Please try again soon.", 10
    ),
    "sign_in_unavailable": Kind(
        503, "Sign-in unavailable", "Signing in is briefly unavailable. Please try again soon.", 10
    ),
}

# which code speaks for a status that the framework raised by itself
_CODE_OF_STATUS = {
    400: "bad_request",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    414: "uri_too_long",
    415: "unsupported_media_type",
    422: "invalid_fields",
    429: "too_many_requests",
    431: "headers_too_large",
    500: "internal_error",
    503: "database_unavailable",
}


class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """An error on its way to the client; the status and the sentences come from `KINDS`.

    `detail` is for the client's developer and never quotes what was sent; `errors` maps a field
    as it was sent (`selections[0].courseStepId`) to what is wrong with it; `members` are added
    to the document (RFC 9457 3.2), `headers` to the answer; `retry_after` (whole seconds)
    replaces the kind's own.
    """

    def __init__(
        self,
        code: str,
        detail: str | None = None,
        *,
        errors: Mapping[str, Sequence[str]] | None = None,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.kind = KINDS[code]
        self.detail = detail
        self.members = {**(members or {}), **({"errors": errors} if errors is not None else {})}
        self.headers = dict(headers or {})
        seconds = retry_after or self.kind.retry_after
        if seconds is not None:
            self.headers["Retry-After"] = str(seconds)


def problem_type(code: str) -> str:
    """Return the `type` of a code: where `/api/docs` explains it (relative, RFC 9457 3.1.1).

    Without a host, so that the same problem has the same bytes wherever it is read.
    """
    return f"/api/docs#problem-{code}"


def problem_document(
    code: str, status: int, title: str, message: str, detail: str | None = None
) -> dict[str, Any]:
    """Return the members of a problem, also for refusal codes that `KINDS` doesn't list."""
    return {
        "type": problem_type(code),
        "title": title,
        "status": status,
        "code": code,
        "detail": detail or title,
        "message": message,
    }


def problem_response(problem: Problem) -> Response:
    """Return the HTTP answer of a problem."""
    kind = problem.kind
    document = problem_document(problem.code, kind.status, kind.title, kind.message, problem.detail)
    return _response(document | problem.members, problem.headers)


def _response(document: dict[str, Any], headers: Mapping[str, str]) -> Response:
    page: ProblemPage | None = current_app.extensions.get(_PAGE)
    if page is not None and _is_for_people():
        return page(document, headers)
    response = Response(json.dumps(document), document["status"], content_type=CONTENT_TYPE)
    response.headers.update(headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_for_people() -> bool:
    """Whether one of the pages was asked for, or by a browser something that isn't there."""
    if request.url_rule is not None:
        return request.blueprint == PAGES
    asked_by_program = request.path.startswith("/api/")
    return not asked_by_program and "text/html" in request.headers.get("Accept", "")


def register_error_handlers(app: Flask, page: ProblemPage | None = None) -> None:
    """Answer every exception that leaves a view, or the router, with a problem.

    Where a page was asked for, `page` makes it of the problem's document and its headers.
    """
    app.extensions[_PAGE] = page
    app.register_error_handler(Problem, problem_response)
    app.register_error_handler(HTTPException, http_exception_response)
    app.register_error_handler(ValidationError, _validation_response)
    for away in (OperationalError, InterfaceError, PoolTimeout, DBAPIError):
        app.register_error_handler(away, _database_response)
    app.register_error_handler(Exception, _unexpected_response)


def http_exception_response(error: HTTPException) -> Response:
    """Answer an error that werkzeug or Flask raised by itself."""
    cause = getattr(error, "original_exception", None)
    if isinstance(cause, Exception):
        return _unexpected_response(cause)
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if status not in _CODE_OF_STATUS:
        return _other_response(status)
    headers = {}
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers["Allow"] = ", ".join(sorted(error.valid_methods))
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return problem_response(Problem(_CODE_OF_STATUS[status], headers=headers))


def _other_response(status: int) -> Response:
    """Name a status that has no kind of its own by HTTP's own phrase (RFC 9457 4.2.1)."""
    http = HTTPStatus(status)
    code = http.name.lower()
    return _response(problem_document(code, status, http.phrase, _ASK_DEVELOPER), {})


def _validation_response(error: ValidationError) -> Response:
    return problem_response(Problem("invalid_fields", errors=flat_errors(error.messages)))


def _database_response(error: DBAPIError | PoolTimeout) -> Response:
    """Answer 503 while the database is away, over its limits or not migrated, 500 for a defect.

    PostgreSQL's timeouts (lock, statement), deadlocks and shutdowns are all OperationalErrors.
    """
    away = isinstance(error, OperationalError | InterfaceError) or is_passing(error)
    if not away and not (is_doubtful(error) and _is_unmigrated()):
        return _unexpected_response(error)
    cause = getattr(error, "orig", None)
    log.warning(
        "database_unavailable",
        error=type(cause or error).__name__,
        sqlstate=getattr(cause, "sqlstate", None),
    )
    return problem_response(Problem("database_unavailable"))


def _is_unmigrated() -> bool:
    """Whether the schema explains why a statement couldn't be run."""
    try:
        return not current_runtime().readiness.database()
    except SQLAlchemyError:
        return True


def _unexpected_response(error: Exception) -> Response:
    log.error("unexpected_error", exc_info=error)
    return problem_response(Problem("internal_error"))
