"""The first baseline: the same booking done in the request, in one transaction.

The same server, application, token check, body schema, database and rules; the job is made and
decided before the answer, so that nobody polls and no task is published. Mails and events leave
by beat. Beside it, `/pong` is answered by a Flask application that has nothing else, in the same
server: what a request costs that does nothing.
"""

import time
from typing import Any
from uuid import UUID

from flask import Flask, Response, request
from sqlalchemy import Connection, Row
from sqlalchemy.exc import DBAPIError
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app import create_app
from app.api.auth import current_person
from app.api.blueprint import ApiBlueprint
from app.api.collaborators import current_runtime, current_settings, request_transaction
from app.api.idempotency import fingerprint, idempotency_key
from app.api.job_answer import submitted
from app.api.job_view import view_job
from app.api.problem import Problem
from app.api.schemas.requests import BookStepSessionRequestSchema
from app.clock import utc_now
from app.settings import load_settings
from benchmarks.synchronous_prefix import PONG, PREFIX
from models.booking_job import JobKind, JobStatus
from models.database_faults import is_passing
from models.desk import Job
from models.judging_batch import judge_batch
from models.laying_desk import lay_desk
from models.own_jobs import find_by_key, find_job
from models.recording import record
from models.scope import read_scopes
from models.submitting import Request, submit
from models.targets import step_target

TRIES = 5

synchronous = ApiBlueprint(
    "synchronous", url_prefix=f"{PREFIX}/course-packages/<id:package_id>/steps/<id:step_id>"
)


@synchronous.post("/book-session")
@synchronous.arguments(BookStepSessionRequestSchema)
def book_now(body: dict[str, Any], package_id: int, step_id: int) -> Response:
    """Book one step, and answer how it came out."""
    for tried in range(1, TRIES):
        try:
            return _answer(_book(body, package_id, step_id))
        except DBAPIError as error:
            if not is_passing(error):
                raise
            time.sleep(0.01 * tried)
    return _answer(_book(body, package_id, step_id))


def _book(body: dict[str, Any], package_id: int, step_id: int) -> Row[Any]:
    """Everything about the booking in one transaction; returns the decided job."""
    user_id = current_person().id
    if current_runtime().submit_limit.seconds_to_wait(user_id) is not None:
        raise Problem("too_many_requests")
    key = idempotency_key(request)
    mark = fingerprint(request.method, request.path, body) if key is not None else None
    with request_transaction() as db:
        if key is not None and find_by_key(db, user_id, key) is not None:
            raise Problem("idempotency_key_reused")
        target = step_target(db, user_id, package_id, step_id, body["course_step_option_id"])
        if target is None:
            raise Problem("not_found")
        wanted = Request(
            kind=JobKind.BOOK_STEP,
            submitted_by=user_id,
            target=target,
            body=body,
            idempotency_key=key,
            fingerprint=mark,
        )
        decided = find_job(db, _decide(db, wanted), user_id)
    assert decided is not None
    return decided


def _decide(db: Connection, wanted: Request) -> UUID:
    """Make the job and decide it as a worker does, in the request's transaction."""
    made = submit(db, wanted, utc_now()).job
    assert made is not None
    target = wanted.target
    job = Job(
        made.id,
        wanted.kind,
        wanted.submitted_by,
        target.user_id,
        target.student_package_id,
        target.course_step_id,
        target.session_id,
        wanted.submitted_from,
        wanted.body,
        wanted.priority,
        made.arrival,
        made.lanes,
        made.submitted_at,
    )
    scopes = read_scopes(db, [job])
    policy = current_settings().policy
    laid = lay_desk(db, [job], scopes.all_of([job]), utc_now, policy)
    record(db, laid.desk, judge_batch(laid, [job], patient=True).verdicts, None)
    return job.id


def _answer(decided: Row[Any]) -> Response:
    response = submitted(view_job(decided), preferred_wait=None, replayed=False)
    if decided.status == JobStatus.REFUSED:
        response.status_code = 409
    return response


def _pong() -> Flask:
    """An application that does nothing: no hooks, no database."""
    pong = Flask("pong", static_folder=None)
    pong.add_url_rule("/", view_func=lambda: b"pong")
    return pong


application = create_app(load_settings())
application.register_blueprint(synchronous)
application.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]  # as Flask's docs do
    application.wsgi_app, {PONG: _pong().wsgi_app}
)
