"""The task that moves committed events into the event log, and from there to whoever follows it."""

import structlog

from models.event_publishing import publish_events as publish
from tasks.celery_app import celery
from tasks.event_stream import append_events
from tasks.wakeups import BROKER_FAILURES
from tasks.webhook_wakeups import wake_webhooks
from tasks.worker_state import worker_state

BATCH = 500

log = structlog.get_logger()


@celery.task(name="tasks.events.publish_events")
def publish_events() -> int:
    """Publish all events that wait; returns how many."""
    total = 0
    while published := _publish_some():
        total += published
    if total:
        wake_webhooks()
    _append_to_stream()
    return total


def _publish_some() -> int:
    with worker_state().engine.begin() as db:
        return publish(db, BATCH)


def _append_to_stream() -> None:
    """Let the stream catch up with the log, also with what a sweep published; else next time."""
    state = worker_state()
    if state.redis is None:
        return
    try:
        append_events(state.engine, state.redis)
    except BROKER_FAILURES as error:
        log.warning("events were not appended to the stream", reason=type(error).__name__)
