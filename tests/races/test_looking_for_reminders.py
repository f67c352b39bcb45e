"""Several look for due reminders at the same time, and all have read before one writes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, text

from models import due_reminders
from models.due_reminders import first_place, write_due_reminders
from models.reminder import Reminder
from models.round import Decider
from models.set_writing import as_parameter, given_rows
from tests.deciding import decide_all
from tests.school import DAY, School

LOOKING = 4
BOOKINGS = 12
UNIQUE = "uq_reminder_booking_id_kind_start_at"


@pytest.fixture
def booked(school: School, decider: Decider) -> School:
    course = school.course(capacity=BOOKINGS)
    for pupil in course.enrol(BOOKINGS):
        course.submit(*pupil)
    decide_all(decider)
    return school


@pytest.fixture
def no_unique_key(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The database takes as many reminders of one start as it is given."""
    names = list(due_reminders._COLUMNS)  # noqa: SLF001 - taken out, for the control
    given = select(*given_rows(Reminder, tuple(names)).c)
    whatever = insert(Reminder).from_select(names, given).returning(Reminder.outbox_message_id)
    monkeypatch.setattr(due_reminders, "_REMINDED", whatever)
    with engine.begin() as db:
        definition = db.scalar(text(f"SELECT pg_get_indexdef(CAST('{UNIQUE}' AS regclass))"))
        db.execute(text(f"DROP INDEX {UNIQUE}"))
    yield
    with engine.begin() as db:
        db.execute(text("TRUNCATE reminder"))
        db.execute(text(str(definition)))


def look_at_once(school: School, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Several look at the moment when all is due; returns how many reminders each wrote."""
    together = Barrier(LOOKING)
    due = school.now + 2 * DAY

    def as_parameter_of_all(rows: Any) -> str:
        together.wait(20)
        return as_parameter(rows)

    def look(_: int) -> int:
        with school.engine.begin() as db:
            return write_due_reminders(db, due, DAY, 500, first_place(due)).count

    monkeypatch.setattr(due_reminders, "as_parameter", as_parameter_of_all)
    with ThreadPoolExecutor(LOOKING) as pool:
        return list(pool.map(look, range(LOOKING)))


def messages_of_each_booking(school: School) -> list[int]:
    rows = school.rows(
        "SELECT count(*) FROM outbox_message WHERE topic = 'reminder' GROUP BY payload"
    )
    return [count for (count,) in rows]


def test_of_several_who_look_at_once_one_writes_each_reminder(
    booked: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sorted(look_at_once(booked, monkeypatch)) == [0] * (LOOKING - 1) + [BOOKINGS]
    assert messages_of_each_booking(booked) == [1] * BOOKINGS


def test_of_several_who_find_one_superseded_one_writes_it_anew(
    booked: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_at_once(booked, monkeypatch)
    with booked.engine.begin() as db:
        db.execute(text("UPDATE outbox_message SET status = 'SUPERSEDED'"))

    assert sum(look_at_once(booked, monkeypatch)) == BOOKINGS
    assert messages_of_each_booking(booked) == [2] * BOOKINGS


def test_without_the_unique_key_each_writes_them_all(
    no_unique_key: None, booked: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_at_once(booked, monkeypatch)

    assert messages_of_each_booking(booked) == [LOOKING] * BOOKINGS
