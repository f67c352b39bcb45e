"""What was finished long ago is deleted, and nothing that anybody needs still."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from models.couriers import claim, mark_sent
from models.due_reminders import first_place, write_due_reminders
from models.outbox import OutboxKind
from models.purging.purge import purge
from models.round import Decider
from tests.deciding import booked, decide_all, waiting
from tests.school import DAY, HOUR, School
from tests.webhook_rows import change, endpoint, happens, publish_all

pytestmark = pytest.mark.usefixtures("sound")

Rows = Callable[[str], int]


@pytest.fixture
def rows(school: School) -> Rows:
    """How many rows a table has."""
    return lambda table: int(school.rows(f"SELECT count(*) FROM {table}")[0][0])


@pytest.fixture
def later(now: datetime) -> datetime:
    """So late that all which a test did is long ago."""
    return now + DAY


def send_all(engine: Engine) -> None:
    """As couriers would, without a mail server."""
    with engine.begin() as db:
        while messages := claim(db, OutboxKind.MAIL, 100):
            for message in messages:
                assert mark_sent(db, message)
    publish_all(engine)


def test_what_was_finished_before_goes_and_what_counts_stays(
    school: School, decider: Decider, engine: Engine, rows: Rows, later: datetime
) -> None:
    course = school.course(capacity=1, sessions=1)
    endpoint(engine, "https://receiver.example/")
    pupil = booked(course, decider)
    waiting(course, decider)
    pupil.cancel()
    decide_all(decider)
    send_all(engine)
    change(engine, "UPDATE webhook_delivery SET status = 'DELIVERED', finished_at = now()")
    kept = {table: rows(table) for table in ("booking", "waitlist_entry", "seat_ledger")}
    there = {"jobs": rows("booking_job"), "messages": rows("outbox_message")}
    events = rows("event_log")

    expected = there | {"reminders": 0, "skips": 0, "deliveries": events, "events": events - 1}
    assert purge(engine, later, dry_run=True) == expected
    assert there == {"jobs": rows("booking_job"), "messages": rows("outbox_message")}
    assert purge(engine, later) == expected
    assert rows("booking_job") == rows("outbox_message") == rows("webhook_delivery") == 0
    assert {table: rows(table) for table in kept} == kept
    assert not any(purge(engine, later).values())


def test_what_was_finished_since_stays(
    school: School, decider: Decider, engine: Engine, now: datetime
) -> None:
    booked(school.course(), decider)
    send_all(engine)
    assert not any(purge(engine, now - HOUR).values())


def test_a_queued_job_stays_however_old(school: School, engine: Engine, later: datetime) -> None:
    job = school.course().pupil().book()
    assert purge(engine, later)["jobs"] == 0
    assert school.job(job).status == "QUEUED"


def test_a_job_stays_with_its_messages_until_all_have_left(
    school: School, decider: Decider, engine: Engine, later: datetime
) -> None:
    booked(school.course(), decider)
    publish_all(engine)
    purged = purge(engine, later)
    assert (purged["jobs"], purged["messages"]) == (0, 0)
    assert purge(engine, later, dry_run=True) == purged
    send_all(engine)
    purged = purge(engine, later)
    assert (purged["jobs"], purged["messages"]) == (1, 2)


def test_the_newest_event_stays_so_that_no_position_is_given_twice(
    engine: Engine, school: School, later: datetime
) -> None:
    happens(engine, "course.step.booked", "course.step.booked", "course.step.booked")
    assert purge(engine, later)["events"] == 2
    happens(engine, "course.step.cancelled")
    assert school.rows("SELECT position FROM event_log ORDER BY 1") == [(3,), (4,)]


def test_an_event_stays_while_a_webhook_waits_for_it(
    engine: Engine, school: School, later: datetime
) -> None:
    happens(engine, "course.step.booked")
    endpoint(engine, "https://receiver.example/")
    happens(engine, "course.step.booked", "course.step.booked", "course.step.booked")
    purged = purge(engine, later)
    assert (purged["deliveries"], purged["events"]) == (0, 1)
    change(
        engine,
        "UPDATE webhook_delivery SET status = 'DEAD', finished_at = now() WHERE position < 4",
    )
    purged = purge(engine, later)
    assert (purged["deliveries"], purged["events"]) == (2, 2)
    assert school.rows("SELECT position FROM event_log") == [(4,)]


def test_a_reminder_stays_until_its_session_was(
    school: School, decider: Decider, engine: Engine, now: datetime
) -> None:
    course = school.course()
    change(engine, "UPDATE session SET start_at = :at, end_at = :at + interval '1 h'", at=now + DAY)
    booked(course, decider)
    change(engine, "UPDATE booking SET created_at = :at", at=now - 3 * DAY)
    with engine.begin() as db:
        assert write_due_reminders(db, now, 2 * DAY, 10, first_place(now)).count == 1
    send_all(engine)
    before_start = purge(engine, now + HOUR)
    assert (before_start["messages"], before_start["reminders"]) == (2, 0)
    after_start = purge(engine, now + 2 * DAY)
    assert (after_start["messages"], after_start["reminders"]) == (1, 1)


def test_why_an_entry_was_passed_over_stays_while_it_waits(
    school: School, decider: Decider, engine: Engine, later: datetime
) -> None:
    course = school.course(capacity=1)
    first = booked(course, decider)
    second = waiting(course, decider)
    school.change("student_package", second.package, expires_at=school.now - HOUR)
    first.cancel()
    decide_all(decider)
    assert purge(engine, later)["skips"] == 0
    second.leave()
    decide_all(decider)
    assert purge(engine, later)["skips"] == 1


def test_more_than_a_batch_goes_in_several(engine: Engine, later: datetime) -> None:
    happens(engine, *["course.step.booked"] * 7)
    looked_at = list[int]()
    purged = purge(engine, later, batch=3, on_rows=looked_at.append)
    assert (purged["messages"], purged["events"]) == (7, 6)
    assert max(looked_at) == 3


def test_what_is_younger_isnt_read_to_its_end(engine: Engine, now: datetime) -> None:
    happens(engine, *["course.step.booked"] * 7)
    looked_at = list[int]()
    purge(engine, now - HOUR, batch=3, on_rows=looked_at.append)
    assert sum(looked_at) == 6, "a batch of messages and one of events"


def test_jobs_whose_ids_are_of_chance_go_from_behind_what_is_younger(
    school: School, decider: Decider, engine: Engine, now: datetime, rows: Rows
) -> None:
    pupil = booked(school.course(), decider)
    for _ in range(6):
        pupil.book()
    decide_all(decider)
    send_all(engine)
    ids = [id_ for (id_,) in school.rows("SELECT id FROM booking_job ORDER BY id")]
    # as a trigger gives them, to what the queue owes nobody a mail for
    for place, id_ in enumerate(ids[1:5]):
        of_chance = UUID(f"{0x3A7C9D20 + place * 0x30000000:08x}-1b5e-4f08-9c2d-6e1f7a0b8c4d")
        change(
            engine,
            "UPDATE booking_job SET id = :new, submitted_at = :at, decided_at = :at WHERE id = :id",
            new=of_chance,
            id=id_,
            at=now - 9 * DAY,
        )
    before = now - 8 * DAY
    assert purge(engine, before, dry_run=True, batch=2)["jobs"] == 4
    assert purge(engine, before, batch=2)["jobs"] == 4
    assert rows("booking_job") == 3


def test_what_somebody_holds_is_left_and_not_waited_for(
    school: School, decider: Decider, engine: Engine, later: datetime
) -> None:
    booked(school.course(), decider)
    send_all(engine)
    with engine.begin() as db:
        db.execute(text("SELECT FROM booking_job FOR UPDATE"))
        db.execute(text("SET LOCAL statement_timeout = '1s'"))
        purged = purge(engine, later)
    assert (purged["jobs"], purged["messages"]) == (0, 0)
    assert purge(engine, later)["jobs"] == 1


def test_the_append_only_logs_are_append_only_as_before(engine: Engine, later: datetime) -> None:
    happens(engine, "course.step.booked", "course.step.booked")
    purge(engine, later)
    with engine.connect() as db, pytest.raises(Exception, match="append-only"):
        db.execute(text("DELETE FROM event_log"))
