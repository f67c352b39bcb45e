"""The task that moves committed events into the event log."""

from models.event_publishing import publish_events as publish
from tasks.celery_app import celery
from tasks.worker_state import worker_state

BATCH = 500


@celery.task(name="tasks.events.publish_events")
def publish_events() -> int:
    """Publish all events that wait; returns how many."""
    total = 0
    while True:
        with worker_state().engine.begin() as db:
            published = publish(db, BATCH)
        total += published
        if published < BATCH:
            return total
