"""Somebody is erased at the very moment at which somebody else gives them something."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, select, text

from models.couriers import Claimed, claim, mark_dead, mark_failed
from models.event_publishing import EVENT_LOG_LOCK
from models.invariants import check_invariants
from models.outbox import OutboxKind
from models.people import UserAccount, find_person
from models.personal import erasing
from models.personal.emptying import Emptying, empty
from models.personal.erasing import erase_person
from models.personal.holdings import PERSON
from models.personal.open_matters import CannotBeErased
from models.round import Decider
from tests.deciding import booked, decide_all
from tests.processes import until
from tests.school import School
from tests.webhook_rows import publish_all

LOCKED = text("SELECT FROM user_account WHERE id = :id FOR NO KEY UPDATE")
SELLS = text("UPDATE student_package SET status = 'ACTIVE' WHERE user_id = :id")
REASON = "Marvin says so"
COPIED = text(
    "INSERT INTO event_log (position, id, type, timestamp, data)"
    " SELECT 1000, id, topic, created_at, payload FROM outbox_message WHERE payload ? 'reason'"
)
"""The first half of publishing: the second one waits for whoever empties the outbox."""
ANSWER = "550 <zaphod@school.example>: unknown"


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def somebody_waits(engine: Engine) -> bool:
    with engine.connect() as db:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return bool(db.scalar(text(f"{waiting} AND datname = current_database()")))


def sold_meanwhile(
    school: School, decider: Decider, threads: ThreadPoolExecutor
) -> tuple[int, Future[Any]]:
    """A person who is given a package by whoever holds their row, while they are erased."""
    student, _ = school.course().enrol_one(status="CANCELLED")
    with school.engine.begin() as db:
        db.execute(LOCKED, {"id": student})
        db.execute(SELLS, {"id": student})
        erasing_them = threads.submit(erase_person, decider, student)
        until(lambda: somebody_waits(school.engine) or erasing_them.done(), 5)
    return student, erasing_them


def test_what_was_given_under_the_lock_is_seen(
    school: School, decider: Decider, threads: ThreadPoolExecutor
) -> None:
    student, erasing_them = sold_meanwhile(school, decider, threads)
    with pytest.raises(CannotBeErased, match="just booked or bought"):
        erasing_them.result(10)
    erase_person(decider, student)
    assert school.rows("SELECT status FROM student_package") == [("CANCELLED",)]


def test_without_the_lock_somebody_erased_has_a_package(
    school: School,
    decider: Decider,
    threads: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unlocked = select(UserAccount.email).where(UserAccount.id == PERSON)
    monkeypatch.setattr(erasing, "_LOCKED", unlocked)
    student, erasing_them = sold_meanwhile(school, decider, threads)
    erasing_them.result(10)
    with school.engine.connect() as db:
        assert find_person(db, student).is_erased
    assert school.rows("SELECT status FROM student_package") == [("ACTIVE",)]


def test_whoever_was_about_to_seat_them_finds_nobody(
    school: School, decider: Decider, threads: ThreadPoolExecutor
) -> None:
    person, session = school.person(), school.session(school.group_class(3))
    job = school.staff().book_seat(person, session)
    with school.engine.begin() as db:
        # erased, but not committed while the decision waits for the lock
        close_account_of(db, person)
        deciding = threads.submit(decide_all, decider)
        until(lambda: somebody_waits(school.engine), 5)
    assert deciding.result(10) == 1
    assert school.refusal(job) == "student_invalid"
    assert school.seats_taken(session) == 0
    assert check_invariants(school.engine).violations == []


def close_account_of(db: Connection, person: int) -> None:
    db.execute(LOCKED, {"id": person})
    db.execute(erasing._PSEUDONYM, erasing._pseudonym(person))  # noqa: SLF001 - half of the deed


def test_many_at_once_end_one_erasure(
    school: School, decider: Decider, threads: ThreadPoolExecutor
) -> None:
    student, _ = school.course().enrol_one()
    both = [threads.submit(erase_person, decider, student) for _ in range(2)]
    for one in both:
        one.result(20)
    deeds = school.rows("SELECT count(*) FROM audit_entry WHERE action = 'erase_user'")
    assert deeds == [(1,)]


@pytest.mark.parametrize("note", [mark_dead, mark_failed])
def test_an_answer_of_the_mail_server_that_comes_too_late_brings_no_address_back(
    school: School, decider: Decider, note: Callable[[Connection, Claimed, str], bool]
) -> None:
    pupil = booked(school.course(), decider)
    with school.engine.begin() as db:
        (held,) = claim(db, OutboxKind.MAIL, 1)
    erase_person(decider, pupil.id)
    with school.engine.begin() as db:
        assert not note(db, held, ANSWER)
    assert {why for _, why in mails(school)} == {"the person was erased"}


def test_an_answer_that_is_being_noted_is_waited_for_and_emptied(
    school: School, decider: Decider, threads: ThreadPoolExecutor
) -> None:
    pupil = booked(school.course(), decider)
    with school.engine.begin() as db:
        (held,) = claim(db, OutboxKind.MAIL, 1)
    with school.engine.begin() as db:
        mark_dead(db, held, ANSWER)
        erasing_them = threads.submit(erase_person, decider, pupil.id)
        until(lambda: somebody_waits(school.engine) or erasing_them.done(), 5)
    erasing_them.result(20)
    assert ("DEAD", "erased") in mails(school)


def mails(school: School) -> list[tuple[str, str]]:
    found = school.rows("SELECT status, last_error FROM outbox_message WHERE kind = 'MAIL'")
    return [(status, why) for status, why in found]


def a_reason_of_staff_waits_for_its_place(school: School, decider: Decider) -> int:
    """By the returned member of staff, in an event without a position."""
    session = booked(school.course(), decider).sits_in()
    publish_all(school.engine)
    staff = school.staff()
    staff.cancel_session(session, REASON)
    decide_all(decider)
    return staff.id


def test_an_event_that_gets_its_position_meanwhile_has_no_reason_of_theirs(
    school: School, decider: Decider, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = a_reason_of_staff_waits_for_its_place(school, decider)

    def published_before_each(engine: Engine, emptying: Emptying, given: dict[str, Any]) -> int:
        emptied = empty(engine, emptying, given)
        publish_all(engine)
        return emptied

    monkeypatch.setattr(erasing, "empty", published_before_each)
    erase_person(decider, staff)
    assert reasons_in_the_log(school) == ["erased"]


def test_whoever_gives_positions_is_waited_for(
    school: School, decider: Decider, threads: ThreadPoolExecutor
) -> None:
    staff = a_reason_of_staff_waits_for_its_place(school, decider)
    with school.engine.begin() as db:
        db.execute(select(func.pg_advisory_xact_lock(EVENT_LOG_LOCK)))
        db.execute(COPIED)
        erasing_them = threads.submit(erase_person, decider, staff)
        until(lambda: somebody_waits(school.engine) or erasing_them.done(), 5)
    erasing_them.result(20)
    assert reasons_in_the_log(school) == ["erased"]


def reasons_in_the_log(school: School) -> list[str]:
    found = school.rows("SELECT data->>'reason' FROM event_log WHERE data ? 'reason'")
    return [reason for (reason,) in found]
