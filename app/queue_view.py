"""This process's view of the queue, at most a second old."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Engine

from models.queue_snapshot import QueueSnapshot, snapshot_queue

FRESH_SECONDS = 1.0


class QueueView:
    """Shares one snapshot of the queue among the threads of a process."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self._snapshot = QueueSnapshot()
        self._taken_at = -FRESH_SECONDS
        self._refreshing = threading.Lock()
        self._adding = threading.Lock()

    def snapshot(self) -> QueueSnapshot:
        """The queue at most a second ago; while one thread looks anew the others take the last."""
        if time.monotonic() - self._taken_at < FRESH_SECONDS:
            return self._snapshot
        if self._refreshing.acquire(blocking=self._taken_at < 0):
            try:
                self._refresh()
            finally:
                self._refreshing.release()
        return self._snapshot

    def add(self, lanes: Sequence[int], arrival: int) -> None:
        """Count in a job that this process accepted, until it looks anew."""
        with self._adding:
            self._snapshot.add(lanes, arrival)

    def _refresh(self) -> None:
        if time.monotonic() - self._taken_at < FRESH_SECONDS:
            return
        with self._engine.connect() as db:
            self._snapshot = snapshot_queue(db, self._clock())
        self._taken_at = time.monotonic()
