"""Which message a courier may take, and what becomes of one that nobody can send."""

from uuid import UUID

from sqlalchemy import Engine, insert, text
from uuid6 import uuid7

from models.couriers import ATTEMPTS, bury_exhausted, claim, mark_failed, mark_sent
from models.outbox import OutboxKind, OutboxMessage


def write(engine: Engine, step: int | None = None, **columns: object) -> UUID:
    message = UUID(int=uuid7().int)
    row = {"id": message, "kind": OutboxKind.MAIL, "topic": "booking_confirmed", "payload": {}}
    about = {"student_package_id": 1, "course_step_id": step} if step else {}
    with engine.begin() as db:
        db.execute(insert(OutboxMessage).values(**(row | about | columns)))
    return message


def claimed_ids(engine: Engine, limit: int = 10) -> list[UUID]:
    with engine.begin() as db:
        return [message.id for message in claim(db, OutboxKind.MAIL, limit)]


def test_of_one_step_the_older_message_leaves_first(engine: Engine) -> None:
    older, younger, other = write(engine, step=1), write(engine, step=1), write(engine, step=2)
    with engine.begin() as db:
        first, of_other = claim(db, OutboxKind.MAIL, 10)
    assert [first.id, of_other.id] == [older, other]
    assert claimed_ids(engine) == []

    with engine.begin() as db:
        mark_sent(db, first)
    assert claimed_ids(engine) == [younger]


def test_two_couriers_at_once_take_different_messages(engine: Engine) -> None:
    first, second = write(engine), write(engine)
    with engine.begin() as busy:
        busy.execute(text("SET LOCAL lock_timeout = '1s'"))
        assert [message.id for message in claim(busy, OutboxKind.MAIL, 1)] == [first]
        assert claimed_ids(engine, limit=1) == [second]


def test_a_message_whose_courier_died_at_its_last_attempt_is_dead(engine: Engine) -> None:
    message = write(
        engine,
        status="SENDING",
        attempts=ATTEMPTS,
        lease_token=UUID(int=1),
        lease_until=text("now() - interval '1 s'"),
    )
    assert claimed_ids(engine) == []
    with engine.begin() as db:
        bury_exhausted(db, OutboxKind.MAIL)
        row = db.execute(
            text("SELECT status, last_error FROM outbox_message WHERE id = :id"), {"id": message}
        ).one()
    assert row == ("DEAD", "its courier died at the last attempt")


def test_a_message_that_fails_at_its_last_attempt_is_dead(engine: Engine) -> None:
    last = write(engine, attempts=ATTEMPTS - 1)
    before = write(engine, attempts=ATTEMPTS - 2)
    with engine.begin() as db:
        for message in claim(db, OutboxKind.MAIL, 10):
            assert mark_failed(db, message, "no")
        query = text("SELECT id, status, last_error FROM outbox_message")
        rows = {row.id: (row.status, row.last_error) for row in db.execute(query)}
    assert rows == {last: ("DEAD", "no"), before: ("PENDING", "no")}
