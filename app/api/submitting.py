"""The way of every submit: repeated key → ownership → limits → the job → a wake-up → the answer.

A repeated key is answered before anything else is looked at, so that a client which lost its
answer gets it whatever has changed since.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from flask import Response, request
from sqlalchemy import Connection, Row

from app.api.auth import current_person, current_user_id
from app.api.collaborators import current_runtime, current_settings, release_db, request_db
from app.api.idempotency import fingerprint, idempotency_key
from app.api.job_answer import submitted
from app.api.job_view import view_job
from app.api.prefer import preferred_wait
from app.api.problem import Problem
from app.clock import utc_now
from models.booking_job import JobKind, JobStatus, Priority
from models.job_listing import find_any_job
from models.own_jobs import find_earlier
from models.submitting import AnyJob, Request, Target, submit

FindTarget = Callable[[Connection, int], Target | None]
JobT = TypeVar("JobT", bound=AnyJob)


@dataclass(frozen=True, slots=True)
class Taken:
    """A request that is kept as a job; `replayed` where it was under the same key before."""

    job: AnyJob
    replayed: bool = False


def accept(
    kind: JobKind,
    body: dict[str, Any],
    find_target: FindTarget,
    *,
    priority: Priority = Priority.ORDINARY,
    audited: bool = False,
    retry_of: UUID | None = None,
) -> Response:
    """Accept a request as a job, and answer it as the API does; `take` says what is asked for."""
    key = idempotency_key(request)
    return answer(
        take(kind, body, find_target, key, priority=priority, audited=audited, retry_of=retry_of)
    )


def take(
    kind: JobKind,
    body: dict[str, Any],
    find_target: FindTarget,
    key: str | None,
    *,
    priority: Priority = Priority.ORDINARY,
    audited: bool = False,
    retry_of: UUID | None = None,
) -> Taken:
    """Keep a request as a job, under its idempotency key.

    `find_target` gets the database and the user's id and returns what the request is about, or
    None where the path names something that isn't theirs. The deeds of staff are `audited`.
    Raises Problem.
    """
    body = {name: json_value(value) for name, value in body.items()}
    mark = fingerprint(request.method, request.path, body) if key is not None else None
    db = request_db()
    user_id = current_user_id()
    if key is None:
        current_person()
    elif (earlier := find_earlier(db, user_id, key)) is not None:
        return _repeat(earlier, mark)
    target = find_target(db, user_id)
    if target is None:
        raise Problem("not_found")
    check_limits(user_id)
    return _kept(
        Request(
            kind=kind,
            submitted_by=user_id,
            target=target,
            body=body,
            priority=priority,
            submitted_from=(request.remote_addr or "unknown") if audited else None,
            idempotency_key=key,
            fingerprint=mark,
            retry_of=retry_of,
        )
    )


def keep(wanted: Request) -> Response:
    """Keep the request as a job, wake a worker for it, and answer; raises Problem."""
    return answer(_kept(wanted))


def _kept(wanted: Request) -> Taken:
    made = submit(request_db(), wanted, utc_now())
    if made.earlier is not None:
        return _repeat(made.earlier, wanted.fingerprint)
    if made.job is None:
        raise Problem("promotion_already_queued")
    runtime = current_runtime()
    runtime.queue.add(made.job.lanes, made.job.arrival)
    runtime.wakeups.wake(made.job.id, made.job.lanes)
    return Taken(made.job)


def json_value(value: Any) -> Any:
    """A value of a validated body as JSON holds it; instants become text."""
    return value.isoformat() if isinstance(value, datetime) else value


def _repeat(earlier: Row[Any], mark: bytes | None) -> Taken:
    if earlier.fingerprint != mark:
        raise Problem("idempotency_key_reused")
    return Taken(_reread(earlier.id), replayed=True)


def check_limits(user_id: int) -> None:
    """Whether this user may submit now, and the queue has room; raises Problem."""
    runtime = current_runtime()
    seconds = runtime.submit_limit.seconds_to_wait(user_id)
    if seconds is not None:
        raise Problem("too_many_requests", retry_after=seconds)
    if runtime.queue.snapshot().length >= current_settings().max_queued_jobs:
        raise Problem("queue_full")


def answer(taken: Taken) -> Response:
    """Answer a request that was taken, after the wait that its client prefers."""
    preferred = preferred_wait(request)
    wait = preferred if preferred is not None else current_settings().default_wait
    seen, waited = await_decision(taken.job, wait)
    return submitted(
        view_job(seen), preferred_wait=preferred if waited else None, replayed=taken.replayed
    )


def await_decision(job: JobT, wait: timedelta) -> tuple[JobT | Row[Any], bool]:
    """The job once it is decided, or as it stands after `wait`, and whether the wait was kept.

    It isn't when too many wait already. The request's database connection is given back
    meanwhile.
    """
    if not wait or job.status != JobStatus.QUEUED:
        return job, True
    release_db()
    waited = current_runtime().waiters.wait(job.id, wait)
    return _reread(job.id), waited


def _reread(job_id: UUID) -> Row[Any]:
    """The job as it stands now; raises Problem where it was purged meanwhile."""
    job = find_any_job(request_db(), job_id)
    if job is None:
        raise Problem("not_found")
    return job
