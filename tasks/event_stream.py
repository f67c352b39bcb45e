"""Appends the event log to a Redis stream, for those who want events as they happen.

The log is the truth and may be read at leisure; the stream holds its newest rows, each under its
position as its id (`7-0`), and may be flushed at any moment.
"""

from typing import Any

import orjson
import structlog
from redis import Redis, WatchError
from redis.client import Pipeline
from sqlalchemy import Engine

from models.event_listing import Event, last_position, list_events
from models.instants import print_instant

STREAM = "thrive:events"
LONGEST = 100_000
"""About how many of the newest events the stream keeps."""
BATCH = 500

log = structlog.get_logger()


def append_events(engine: Engine, redis: Redis) -> int:
    """Append all that the log has behind the stream's last entry; returns how many.

    What is found changed between looking and appending, by somebody who appends at the same time
    or by a flush, is looked at again: no event is missing and none there twice. Raises RedisError
    while the broker is away: the next call catches up.
    """
    total = 0
    while True:
        try:
            appended = _append_next(engine, redis)
        except WatchError:
            continue
        total += appended
        if appended < BATCH:
            return total


def _append_next(engine: Engine, redis: Redis) -> int:
    with redis.pipeline(transaction=True) as pipeline:
        pipeline.watch(STREAM)  # type: ignore[no-untyped-call]  # redis has no types there
        last = _last_entry(pipeline)
        with engine.connect() as db:
            # after the stream was read: whoever appends meanwhile doesn't put it ahead of the log
            newest = last_position(db)
            anew = last > newest
            behind = max(0 if anew else last, newest - LONGEST)
            events = list_events(db, after=behind, limit=BATCH)
        pipeline.multi()
        if anew:
            log.error("the stream was ahead of the event log, and is begun anew", stream=STREAM)
            pipeline.delete(STREAM)
        elif behind > last:
            # too far back to be followed without a gap
            pipeline.xtrim(STREAM, minid=f"{behind + 1}-0", approximate=False)
        for event in events:
            pipeline.xadd(
                STREAM, _fields(event), id=f"{event.cursor}-0", maxlen=LONGEST, approximate=True
            )
        pipeline.execute()
    return len(events)


def _last_entry(redis: Pipeline) -> int:
    """The position of the stream's last entry; 0 while there is none."""
    found: Any = redis.xrevrange(STREAM, count=1)
    return int(found[0][0].split(b"-")[0]) if found else 0


def _fields(event: Event) -> dict[Any, Any]:
    return {
        "id": str(event.id),
        "type": event.type,
        "timestamp": print_instant(event.timestamp),
        "data": orjson.dumps(event.data),
    }
