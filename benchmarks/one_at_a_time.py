"""The second baseline's worker: the product's, with batches of one."""

from app.worker import celery
from models import round as deciding_round

__all__ = ["celery"]

deciding_round.BATCH = 1
