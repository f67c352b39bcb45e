"""A beat that asks for reminders twice a second: `celery --app tests.faults.hasty_beat beat`."""

from app.worker import celery

__all__ = ["celery"]

celery.conf.beat_schedule = {
    name: entry | {"schedule": 0.5}
    for name, entry in celery.conf.beat_schedule.items()
    if name in {"remind", "send mail"}
}
