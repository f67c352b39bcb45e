"""The questions that decide whether this process can serve."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Readiness:
    """What `/readyz` asks; each may raise, and each has to bound its own time.

    `database` returns whether the schema is reachable and migrated to this code's revision; only
    that is required. The seconds are None where nothing is known, or nothing is queued.
    """

    database: Callable[[], bool]
    broker: Callable[[], bool]
    worker_seen_seconds_ago: Callable[[], float | None]
    oldest_queued_seconds: Callable[[], float | None]
