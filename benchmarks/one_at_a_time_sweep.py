"""The second baseline's sweep: the product's, with batches of one."""

from app import create_app
from models import round as deciding_round

__all__ = ["create_app"]

deciding_round.BATCH = 1
