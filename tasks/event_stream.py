"""Appends the event log to a Redis stream, for those who want events as they happen.

The log is the truth and may be read at leisure; the stream holds its newest rows, each under its
position as its id (`7-0`), and may be flushed at any moment.
"""

from typing import Any

import orjson
import structlog
from redis import Redis, RedisError, ResponseError
from sqlalchemy import Engine

from models.event_listing import Event, last_position, list_events
from models.instants import print_instant

STREAM = "thrive:events"
LONGEST = 100_000
"""About how many of the newest events the stream keeps."""
BATCH = 500
TOO_LATE = "equal or smaller"
"""What the server says of an entry whose id the stream has, or has passed."""

log = structlog.get_logger()


def append_events(engine: Engine, redis: Redis) -> int:
    """Append all that the log has behind the stream's last entry; returns how many were sent.

    Whoever does this at the same time appends the same in the same order, so that none is missing
    and none there twice. Raises RedisError while the broker is away: the next call catches up.
    """
    # in this order: whoever else appends meanwhile doesn't put the stream ahead of the log
    last = _last_entry(redis)
    with engine.connect() as db:
        newest = last_position(db)
    if last > newest:
        log.error("the stream was ahead of the event log, and is begun anew", stream=STREAM)
        redis.delete(STREAM)
        last = 0
    behind = max(last, newest - LONGEST)
    if behind > last:
        # too far back to be followed without a gap
        redis.xtrim(STREAM, minid=f"{behind + 1}-0", approximate=False)
    total = 0
    while True:
        with engine.connect() as db:
            events = list_events(db, after=behind, limit=BATCH)
        _append(redis, events)
        total += len(events)
        if len(events) < BATCH:
            return total
        behind = events[-1].cursor or behind


def _last_entry(redis: Redis) -> int:
    """The position of the stream's last entry; 0 while there is none."""
    found: Any = redis.xrevrange(STREAM, count=1)
    return int(found[0][0].split(b"-")[0]) if found else 0


def _append(redis: Redis, events: list[Event]) -> None:
    # all or none: one that the server has no room for must not be followed by a later one
    pipeline = redis.pipeline(transaction=True)
    for event in events:
        pipeline.xadd(
            STREAM, _fields(event), id=f"{event.cursor}-0", maxlen=LONGEST, approximate=True
        )
    for answer in pipeline.execute(raise_on_error=False):
        if isinstance(answer, ResponseError) and TOO_LATE in str(answer):
            continue
        if isinstance(answer, RedisError):
            raise answer


def _fields(event: Event) -> dict[Any, Any]:
    return {
        "id": str(event.id),
        "type": event.type,
        "timestamp": print_instant(event.timestamp),
        "data": orjson.dumps(event.data),
    }
