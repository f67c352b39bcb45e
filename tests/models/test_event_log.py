"""The event log: readers who follow it miss nothing and wait for nobody."""

from sqlalchemy import Connection, Engine, insert, text

from models.event_publishing import publish_events
from models.new_id import new_id
from models.outbox import OutboxKind, OutboxMessage


def write(db: Connection, topic: str) -> None:
    row = {"id": new_id(), "kind": OutboxKind.EVENT, "topic": topic, "payload": {}}
    db.execute(insert(OutboxMessage).values(**row))


def log(engine: Engine) -> list[tuple[int, str]]:
    with engine.connect() as db:
        rows = db.execute(text("SELECT position, type FROM event_log ORDER BY position"))
        return [tuple(row) for row in rows]


def publish(engine: Engine) -> int:
    with engine.begin() as db:
        return publish_events(db, 100)


def test_an_event_that_commits_late_is_neither_waited_for_nor_skipped(engine: Engine) -> None:
    with engine.connect() as slow:
        write(slow, "written first")
        with engine.begin() as db:
            write(db, "committed first")
        assert publish(engine) == 1
        slow.commit()
    assert publish(engine) == 1
    assert log(engine) == [(1, "committed first"), (2, "written first")]


def test_while_one_publishes_another_gives_no_position(engine: Engine) -> None:
    with engine.begin() as db:
        write(db, "first")
    with engine.connect() as slow:
        assert publish_events(slow, 100) == 1
        with engine.begin() as db:
            write(db, "second")
        assert publish(engine) == 0
        assert log(engine) == []
        slow.commit()
    assert publish(engine) == 1
    assert log(engine) == [(1, "first"), (2, "second")]
