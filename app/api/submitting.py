"""The way of every submit: repeated key → ownership → limits → the job → a wake-up → the answer.

A repeated key is answered before anything else is looked at, so that a client which lost its
answer gets it whatever has changed since.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, request
from sqlalchemy import Connection, Row

from app.api.auth import current_person
from app.api.collaborators import current_runtime, current_settings, release_db, request_db
from app.api.idempotency import fingerprint, idempotency_key
from app.api.job_answer import submitted
from app.api.job_view import view_job
from app.api.prefer import preferred_wait
from app.api.problem import Problem
from app.clock import utc_now
from models.booking_job import JobKind, JobStatus
from models.own_jobs import find_by_key, find_job
from models.submitting import Request, submit


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a view parsed: the kind of job, whom and what it is about, and the body."""

    kind: JobKind
    package_id: int
    step_id: int
    body: dict[str, Any]


def accept(asked: Asked, find_lane: Callable[[Connection, int], int | None]) -> Response:
    """Accept a student's request as a job, and answer it.

    `find_lane` gets the database and the user's id and returns the queue lane, or None when
    package or step aren't theirs. Raises Problem.
    """
    key = idempotency_key(request)
    mark = fingerprint(request.method, request.path, asked.body) if key is not None else None
    db = request_db()
    user_id = current_person().id
    if key is not None and (earlier := find_by_key(db, user_id, key)) is not None:
        return _repeat(earlier, mark)
    lane = find_lane(db, user_id)
    if lane is None:
        raise Problem("not_found")
    # no transaction stays open while the broker is asked
    db.rollback()
    _check_limits(user_id)
    made = submit(
        db,
        Request(
            kind=asked.kind,
            submitted_by=user_id,
            user_id=user_id,
            student_package_id=asked.package_id,
            course_step_id=asked.step_id,
            lanes=(lane,),
            body=asked.body,
            idempotency_key=key,
            fingerprint=mark,
        ),
        utc_now(),
    )
    db.commit()
    if not made.is_new:
        return _repeat(made.job, mark)
    runtime = current_runtime()
    runtime.queue.add(made.job.lanes, made.job.arrival)
    runtime.wakeups.wake(made.job.id, made.job.lanes)
    return _answer(made.job, replayed=False)


def _repeat(earlier: Row[Any], mark: bytes | None) -> Response:
    if earlier.fingerprint != mark:
        raise Problem("idempotency_key_reused")
    return _answer(earlier, replayed=True)


def _check_limits(user_id: int) -> None:
    runtime = current_runtime()
    seconds = runtime.submit_limit.seconds_to_wait(user_id)
    if seconds is not None:
        raise Problem("too_many_requests", retry_after=seconds)
    if runtime.queue.snapshot().length >= current_settings().max_queued_jobs:
        raise Problem("queue_full")


def _answer(job: Row[Any], *, replayed: bool) -> Response:
    preferred = preferred_wait(request)
    wait = preferred if preferred is not None else current_settings().default_wait
    job, waited = await_decision(job, wait)
    return submitted(view_job(job), preferred_wait=preferred if waited else None, replayed=replayed)


def await_decision(job: Row[Any], wait: timedelta) -> tuple[Row[Any], bool]:
    """The job once it is decided, or as it stands after `wait`, and whether the wait was kept.

    It isn't when too many wait already. The request's database connection is given back
    meanwhile.
    """
    if not wait or job.status != JobStatus.QUEUED:
        return job, True
    release_db()
    waited = current_runtime().waiters.wait(job.id, wait)
    return find_job(request_db(), job.id, job.submitted_by) or job, waited
