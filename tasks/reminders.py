"""The task that writes the reminders that are due, and lets them leave.

Beat only wakes it; two at once are harmless, and one that was missed is made good by the next.
"""

from models.due_reminders import Place, first_place, write_due_reminders
from tasks.celery_app import celery
from tasks.worker_state import worker_state

BATCH = 500


@celery.task(name="tasks.reminders.write_reminders")
def write_reminders() -> int:
    """Write all reminders that are due, a batch a transaction; returns how many."""
    state = worker_state()
    now, lead = state.clock(), state.policy.reminder_lead
    total = 0
    place: Place | None = first_place(now)
    try:
        while place is not None:
            with state.engine.begin() as db:
                written = write_due_reminders(db, now, lead, BATCH, place)
            total += written.count
            place = written.place
    finally:
        if total:
            state.wakeups.wake_courier()
    return total
