"""A worker that some jobs break: `celery --app tests.faults.poisoned_worker worker`."""

from app.worker import celery
from tests.faults.poison import poison

__all__ = ["celery"]

poison()
