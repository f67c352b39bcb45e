"""The task that a submit wakes: decides what waits in the job's lanes.

It carries an id and nothing else, so that a forged message can't make a booking.
"""

import time
from typing import Any
from uuid import UUID

import structlog
from celery import Task, chain
from sqlalchemy.exc import OperationalError

from models.deciding import decide_lane
from models.job_lanes import lanes_of
from models.round import Decider
from tasks.celery_app import celery
from tasks.events import publish_events
from tasks.mail import send_mail
from tasks.wakeups import BROKER_FAILURES
from tasks.worker_state import worker_state

WORK_SECONDS = 15
"""A task looks for no further batch after this: far enough from its time limit of 30."""

log = structlog.get_logger()


@celery.task(
    bind=True,
    name="tasks.bookings.process",
    autoretry_for=(OperationalError,),
    retry_backoff=1,
    retry_backoff_max=8,
    max_retries=3,
)
def process(self: "Task[..., Any]", job_id: str) -> int:
    """Decide this job and what waits with it; returns how many jobs were decided.

    An id that is none, or of no job, is left alone: anybody may write into the broker.
    """
    state = worker_state()
    lanes = _lanes(job_id)
    state.wakeups.lower(lanes)
    decider = Decider(state.engine, state.clock, state.policy, self.request.id)
    ends = time.monotonic() + WORK_SECONDS
    decided = sum(
        decide_lane(decider, lane, until=lambda: time.monotonic() > ends) for lane in lanes
    )
    if decided:
        wake_couriers()
    if time.monotonic() > ends:
        state.wakeups.wake(UUID(job_id), lanes)
    return decided


def wake_couriers() -> None:
    """Let mail and events leave at once; when this fails they leave a little later.

    Published from the task's body after the commit: Celery's own `link` would turn a committed
    task into a failed one when the broker is away.
    """
    try:
        chain(send_mail.si(), publish_events.si()).apply_async(retry=False)
    except BROKER_FAILURES as error:
        log.warning("couriers were not woken", reason=type(error).__name__)


def _lanes(job_id: str) -> list[int]:
    try:
        job = UUID(job_id)
    except (ValueError, AttributeError, TypeError):
        log.warning("a wake-up without a job id was ignored")
        return []
    with worker_state().engine.connect() as db:
        return lanes_of(db, job)
