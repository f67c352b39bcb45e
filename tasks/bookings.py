"""The task that a submit wakes: decides what waits in the job's lanes.

It carries an id and nothing else, so that a forged message can't make a booking.
"""

import time
from typing import Any
from uuid import UUID

import structlog
from celery import Task, chain

from models.database_faults import is_passing
from models.deciding import Visit, decide_lanes
from models.job_lanes import lanes_of
from models.round import Decider
from tasks.celery_app import PROCESS, celery
from tasks.events import publish_events
from tasks.mail import send_mail
from tasks.wakeups import BROKER_FAILURES
from tasks.worker_state import worker_state

WORK_SECONDS = 15
"""A task looks for no further batch after this: far enough from its time limit of 30."""
LEFT_SECONDS = 1
"""When to look again after jobs that wait for a row which somebody else keeps locked."""

log = structlog.get_logger()


@celery.task(
    bind=True,
    name=PROCESS,
    max_retries=3,
)
def process(self: "Task[..., Any]", job_id: str) -> int:
    """Decide this job and what waits with it; returns how many jobs were decided.

    An id that is none, or of no job, is left alone: anybody may write into the broker.
    """
    visit = Visit()
    try:
        _visit_lanes(job_id, self.request.id, visit)
    except Exception as error:
        if not is_passing(error):
            raise
        raise self.retry(exc=error, countdown=2**self.request.retries) from error
    finally:
        if visit.decided:
            wake_couriers()
    if visit.left and self.request.retries < (self.max_retries or 0):
        raise self.retry(countdown=LEFT_SECONDS)
    return visit.decided


def _visit_lanes(job_id: str, task_id: str | None, visit: Visit) -> None:
    state = worker_state()
    lanes = _lanes(job_id)
    state.wakeups.lower(lanes)
    decider = Decider(state.engine, state.clock, state.policy, _plain(task_id))
    ends = time.monotonic() + WORK_SECONDS
    for waiting in decide_lanes(decider, lanes, until=lambda: time.monotonic() > ends, visit=visit):
        state.wakeups.wake(waiting.job_id, [waiting.lane])
    if time.monotonic() > ends:
        state.wakeups.wake(UUID(job_id), lanes)


def wake_couriers() -> None:
    """Let mail and events leave at once; when this fails they leave a little later.

    Published from the task's body after the commit: Celery's own `link` would turn a committed
    task into a failed one when the broker is away.
    """
    try:
        chain(send_mail.si(), publish_events.si()).apply_async(retry=False)
    except BROKER_FAILURES as error:
        log.warning("couriers were not woken", reason=type(error).__name__)


def _plain(task_id: str | None) -> str | None:
    """The task's id if it is one of ours: a forged one may be a text that no column can hold."""
    try:
        return str(UUID(task_id))
    except (ValueError, AttributeError, TypeError):
        return None


def _lanes(job_id: str) -> list[int]:
    try:
        job = UUID(job_id)
    except (ValueError, AttributeError, TypeError):
        log.warning("a wake-up without a job id was ignored")
        return []
    with worker_state().engine.connect() as db:
        return lanes_of(db, job)
