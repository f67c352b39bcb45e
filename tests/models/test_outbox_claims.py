"""Which message a courier may take, and what becomes of one that nobody can send."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, insert, text

from models.couriers import (
    ATTEMPTS,
    PAUSES,
    TELLING_THE_SEAT,
    bury_exhausted,
    claim,
    mark_failed,
    mark_sent,
    release,
)
from models.new_id import new_id
from models.outbox import OutboxKind, OutboxMessage
from tests.processes import until

LATER = text("now() + interval '1 h'")
TRIED: dict[str, Any] = {"attempts": 1, "next_attempt_at": LATER, "step": 1}
"""Of a message about the first step that failed and waits for its next attempt."""


def write(engine: Engine, step: int | None = None, **columns: object) -> UUID:
    message = new_id()
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


def state(engine: Engine, message: UUID) -> tuple[str, int, str | None]:
    query = text("SELECT status, attempts, last_error FROM outbox_message WHERE id = :id")
    with engine.connect() as db:
        row = db.execute(query, {"id": message}).one()
    return row.status, row.attempts, row.last_error


def someone_waits(engine: Engine) -> bool:
    """Whether somebody waits for another one's lock in this database."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock'"
    )
    with engine.connect() as db:
        return bool(db.scalar(text(query)))


def test_a_message_is_tried_five_times_within_a_day() -> None:
    assert ATTEMPTS == 5
    assert sum(PAUSES, timedelta()) == timedelta(hours=24)
    assert sorted(PAUSES) == PAUSES


@pytest.mark.parametrize("topic", TELLING_THE_SEAT)
def test_one_that_failed_is_overtaken_by_what_makes_it_pointless_and_visibly_superseded(
    engine: Engine, topic: str
) -> None:
    first, second = write(engine, **TRIED), write(engine, **(TRIED | {"topic": "waitlist_joined"}))
    other_step = write(engine, **(TRIED | {"step": 2}))
    later = write(engine, step=1, topic=topic)
    assert claimed_ids(engine) == [later]
    for message in first, second:
        assert state(engine, message) == ("SUPERSEDED", 1, f"overtaken by {later}")
    assert state(engine, other_step) == ("PENDING", 1, None)


def test_what_waits_between_one_that_failed_and_what_makes_it_pointless_leaves_in_its_order(
    engine: Engine,
) -> None:
    failed = write(engine, **TRIED)
    between = write(engine, step=1, topic="waitlist_joined")
    assert claimed_ids(engine) == []
    later = write(engine, step=1, topic="session_cancelled")
    assert claimed_ids(engine) == [between]
    assert state(engine, failed) == ("SUPERSEDED", 1, f"overtaken by {between}")
    assert claimed_ids(engine) == [], "the one between is on its way"
    assert state(engine, later) == ("PENDING", 0, None)


def test_superseding_is_undone_with_the_claim(engine: Engine) -> None:
    failed, later = write(engine, **TRIED), write(engine, step=1)
    with engine.connect() as db:
        assert [message.id for message in claim(db, OutboxKind.MAIL, 10)] == [later]
        db.rollback()
    assert state(engine, failed) == ("PENDING", 1, None)
    assert state(engine, later) == ("PENDING", 0, None)


@pytest.mark.parametrize(
    "earlier",
    [
        {"attempts": 0, "next_attempt_at": LATER},
        {
            "attempts": 1,
            "status": "SENDING",
            "lease_token": UUID(int=1),
            "lease_until": LATER,
            "next_attempt_at": LATER,
        },
    ],
    ids=["never tried", "being sent"],
)
def test_nothing_overtakes_what_was_never_tried_or_is_being_sent(
    engine: Engine, earlier: dict[str, Any]
) -> None:
    write(engine, step=1, **earlier)
    later = write(engine, step=1)
    assert claimed_ids(engine) == []
    assert state(engine, later) == ("PENDING", 0, None)


def test_one_that_was_put_back_untried_keeps_its_place(engine: Engine) -> None:
    first = write(engine, step=1)
    with engine.begin() as db:
        [claimed] = claim(db, OutboxKind.MAIL, 10)
        assert release(db, claimed, "the way was closed")
    write(engine, step=1)
    assert claimed_ids(engine) == []
    assert state(engine, first) == ("PENDING", 0, "the way was closed")


def test_one_that_is_due_again_leaves_before_the_later_one(engine: Engine) -> None:
    due = write(engine, **(TRIED | {"next_attempt_at": text("now() - interval '1 s'")}))
    write(engine, step=1)
    assert claimed_ids(engine) == [due]


@pytest.mark.parametrize(
    "later",
    [
        {"topic": "waitlist_joined"},
        {"topic": "request_refused"},
        {"topic": "booking_confirmed", "resend_of": UUID(int=1)},
    ],
    ids=lambda columns: "resent" if "resend_of" in columns else columns["topic"],
)
def test_what_says_nothing_of_the_seat_now_waits_behind_one_that_failed(
    engine: Engine, later: dict[str, Any]
) -> None:
    failed = write(engine, **TRIED)
    write(engine, step=1, **later)
    assert claimed_ids(engine) == []
    assert state(engine, failed) == ("PENDING", 1, None)


def test_events_are_never_superseded(engine: Engine) -> None:
    event = {"kind": OutboxKind.EVENT, "topic": "course.step.booked"}
    failed = write(engine, **(TRIED | event))
    write(engine, step=1, **event)
    mail = write(engine, step=1)
    with engine.begin() as db:
        assert claim(db, OutboxKind.EVENT, 10) == []
    assert claimed_ids(engine) == [mail]
    assert state(engine, failed) == ("PENDING", 1, None)


def test_one_that_is_claimed_at_the_same_moment_isnt_overtaken(engine: Engine) -> None:
    failed, later = write(engine, **TRIED), write(engine, step=1)
    with ThreadPoolExecutor(1) as pool, engine.begin() as rival:
        rival.execute(text("SELECT FROM outbox_message WHERE id = :id FOR UPDATE"), {"id": failed})
        overtaking = pool.submit(claimed_ids, engine)
        until(lambda: someone_waits(engine), 10, "the wait for the rival")
        rival.execute(
            text(
                "UPDATE outbox_message SET status = 'SENDING', attempts = 2, lease_token = :token,"
                " lease_until = now() + interval '1 h' WHERE id = :id"
            ),
            {"id": failed, "token": UUID(int=1)},
        )
        rival.commit()
        assert overtaking.result(10) == []
    assert state(engine, failed)[0] == "SENDING"
    assert state(engine, later) == ("PENDING", 0, None)
