"""The Redis stream: the newest of the event log, each once and in order, whatever went wrong."""

import json
import threading
from typing import Any

import pytest
from redis import ConnectionError as RedisConnectionError
from redis import Redis
from sqlalchemy import Engine
from structlog.testing import capture_logs

from models.event_listing import last_position
from models.event_types import EventType
from models.personal.erasing import erase_person
from models.round import Decider
from tasks import event_stream
from tasks.event_stream import STREAM, append_events
from tasks.events import publish_events
from tasks.worker_state import WorkerState
from tests.deciding import booked, decide_all
from tests.school import School
from tests.webhook_rows import change, happens, wait_for_places

pytestmark = pytest.mark.usefixtures("senders")

BOOKED, MOVED = EventType.STEP_BOOKED, EventType.SESSION_MOVED


def entries(redis: Redis) -> list[tuple[str, dict[bytes, bytes]]]:
    found: Any = redis.xrange(STREAM)
    return [(id_.decode(), fields) for id_, fields in found]


def positions(redis: Redis) -> list[int]:
    return [int(id_.removesuffix("-0")) for id_, _ in entries(redis)]


def test_a_published_event_is_in_the_stream_under_its_position(
    engine: Engine, redis: Redis
) -> None:
    first, second = wait_for_places(engine, BOOKED, MOVED, data={"sessionId": 3})
    assert publish_events() == 2
    (one, fields), (two, others) = entries(redis)
    assert (one, two) == ("1-0", "2-0")
    assert fields.pop(b"timestamp").endswith(b"Z")
    assert json.loads(fields.pop(b"data")) == {"sessionId": 3}
    assert fields == {b"id": str(first).encode(), b"type": BOOKED.encode()}
    assert others[b"id"] == str(second).encode()


def test_what_the_stream_lacks_is_appended_the_next_time(
    engine: Engine, redis: Redis, senders: WorkerState, monkeypatch: pytest.MonkeyPatch
) -> None:
    happens(engine, BOOKED)  # by a sweep, say, which knows no broker
    with monkeypatch.context() as away:
        away.setattr(senders.redis, "pipeline", _is_away)
        wait_for_places(engine, BOOKED)
        assert publish_events() == 1
    assert entries(redis) == []
    assert publish_events() == 0
    assert positions(redis) == [1, 2]
    redis.delete(STREAM)
    publish_events()
    assert positions(redis) == [1, 2], "a flushed broker has it again"


def _is_away(*_: Any, **__: Any) -> Any:
    raise RedisConnectionError


def test_two_who_append_at_once_leave_no_gap_and_nothing_twice(
    engine: Engine, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "BATCH", 7)
    for _ in range(4):
        happens(engine, *[BOOKED] * 25)
        threads = [threading.Thread(target=append_events, args=(engine, redis)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert positions(redis) == list(range(1, 101))


def test_a_flush_between_the_look_and_the_appending_leaves_no_gap(
    engine: Engine, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    happens(engine, BOOKED, BOOKED)
    append_events(engine, redis)
    happens(engine, MOVED)
    flushed = []

    def flush_once_and_look(*given: Any) -> int:
        if not flushed:
            flushed.append(redis.flushall())
        return last_position(*given)

    monkeypatch.setattr(event_stream, "last_position", flush_once_and_look)
    append_events(engine, redis)
    assert positions(redis) == [1, 2, 3]


def test_the_stream_keeps_about_so_many_of_the_newest(
    engine: Engine, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "LONGEST", 300)
    change(
        engine,
        "INSERT INTO event_log SELECT n, gen_random_uuid(), 'course.step.booked', now(), '{}'"
        " FROM generate_series(1, 1000) AS n",
    )
    append_events(engine, redis)
    assert positions(redis) == list(range(701, 1001)), "no more than it would keep"
    change(
        engine,
        "INSERT INTO event_log SELECT n, gen_random_uuid(), 'course.step.booked', now(), '{}'"
        " FROM generate_series(1001, 2000) AS n",
    )
    append_events(engine, redis)
    kept = positions(redis)
    assert kept == list(range(kept[0], 2001))
    assert 300 <= len(kept) < 500


def test_another_value_under_the_streams_key_is_logged_and_left_and_the_log_goes_on(
    engine: Engine, redis: Redis
) -> None:
    redis.set(STREAM, "of another program")
    wait_for_places(engine, BOOKED)
    with capture_logs() as lines:
        assert publish_events() == 1
    told = [(line["log_level"], line["reason"]) for line in lines if "appended" in line["event"]]
    assert told == [("warning", "ResponseError")]
    with engine.connect() as db:
        assert last_position(db) == 1
    assert redis.get(STREAM) == b"of another program"
    redis.delete(STREAM)
    assert publish_events() == 0
    assert positions(redis) == [1], "the stream catches up once its key is free"


def test_a_stream_ahead_of_a_restored_log_is_begun_anew(engine: Engine, redis: Redis) -> None:
    happens(engine, BOOKED)
    redis.xadd(STREAM, {"id": "x"}, id="99-0")
    assert append_events(engine, redis) == 1
    assert positions(redis) == [1]


def test_a_stream_that_is_deleted_after_an_erasing_has_no_reason_of_theirs(
    engine: Engine, redis: Redis, school: School, decider: Decider
) -> None:
    session = booked(school.course(), decider).sits_in()
    staff = school.staff()
    staff.cancel_session(session, "Marvin says so")
    decide_all(decider)
    publish_events()
    assert "Marvin" in str(entries(redis))
    there = positions(redis)
    erase_person(decider, staff.id)
    redis.delete(STREAM)
    publish_events()
    assert positions(redis) == there
    assert "Marvin" not in str(entries(redis))
