"""Wakes senders for the endpoints that have something due."""

import structlog
from redis import Redis

from models.webhook_due import Due, due_endpoints
from tasks.celery_app import SEND_WEBHOOKS, celery
from tasks.wakeups import BROKER_FAILURES
from tasks.worker_state import WorkerState, worker_state

FLAG_SECONDS = 5

log = structlog.get_logger()


def wake_webhooks() -> int:
    """Wake as many senders for each endpoint as find something to do; returns how many.

    When that fails they are woken by the next beat.
    """
    state = worker_state()
    with state.engine.connect() as db:
        due = due_endpoints(db)
    woken = 0
    try:
        for endpoint in due:
            woken += _wake(state.redis, endpoint)
    except BROKER_FAILURES as error:
        log.warning("senders of webhooks were not woken", reason=type(error).__name__)
    return woken


def wake_next(endpoint_id: int) -> None:
    """Let somebody go on with this endpoint, once those who wait for a thread have had one."""
    try:
        celery.send_task(SEND_WEBHOOKS, (endpoint_id,), retry=False, expires=FLAG_SECONDS)
    except BROKER_FAILURES as error:
        log.warning("nobody was woken to go on", reason=type(error).__name__)


def lower_flag(state: WorkerState, endpoint_id: int) -> None:
    """Let others wake senders for this endpoint again; to be called before looking at it."""
    if state.redis is None:
        return
    try:
        state.redis.delete(_flag(endpoint_id))
    except BROKER_FAILURES as error:
        log.warning("a flag was not lowered", reason=type(error).__name__)


def _wake(redis: "Redis | None", due: Due) -> int:
    # in a rush events are published all the time, and those who were woken are still on their way
    if redis is not None and not redis.set(_flag(due.endpoint_id), 1, nx=True, ex=FLAG_SECONDS):
        return 0
    for _ in range(due.senders):
        celery.send_task(SEND_WEBHOOKS, (due.endpoint_id,), retry=False, expires=FLAG_SECONDS)
    return due.senders


def _flag(endpoint_id: int) -> str:
    return f"thrive:webhook:{endpoint_id}"
