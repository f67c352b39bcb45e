"""What a look at the queue reads doesn't grow with what waits, whatever the planner believes.

It believes the last ANALYZE, which may have seen an empty queue: a quiet hour before the rush. An
index of what is queued, or open, then looks like the shortest way to any single row.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, text

from models.calendar_entries import feed_entries
from models.couriers import claim
from models.due_reminders import first_place, write_due_reminders
from models.laying_desk import lay_desk, peek
from models.long_transaction import allow_long_transaction
from models.new_id import new_id
from models.outbox import OutboxKind, OutboxStatus
from models.outbox_listing import list_messages
from models.policy import Policy
from models.round import Decider, take_lane
from models.scope import read_scopes
from models.turns import take_turns
from models.user_token import TokenPurpose
from models.user_tokens import token_of, user_of
from tests.deciding import decide_all
from tests.models.test_locked_rows import lane_of
from tests.school import DAY, Course, School

WAITING = 150
FEW = 5
LATER = 15
PAGE = 10
BATCH = 50


def test_a_round_reads_some_rows_for_each_of_its_jobs(
    school: School, decider: Decider, engine: Engine
) -> None:
    course = school.course(capacity=2 * WAITING)
    with kept_for_a_backup(engine):
        come(course)
        decide_all(decider)
        analyze(engine)
        lane = lane_of(school, come(course))

        def lay_a_batch(db: Connection) -> None:
            assert take_lane(db, lane)
            jobs = peek(db, lane, BATCH)
            scopes = read_scopes(db, jobs)
            turns = take_turns(db, jobs, scopes)
            lay_desk(db, turns.now, scopes.all_of(jobs), decider.clock, decider.policy)

        assert rows_read(engine, lay_a_batch) < 20 * BATCH


def test_a_courier_reads_some_rows_for_each_message(
    school: School, decider: Decider, engine: Engine
) -> None:
    course = school.course(capacity=2 * WAITING)
    with kept_for_a_backup(engine):
        come(course)
        decide_all(decider)
        with engine.begin() as db:
            db.execute(text("UPDATE outbox_message SET status = 'SENT', finished_at = now()"))
        analyze(engine)
        come(course)
        decide_all(decider)
        assert rows_read(engine, lambda db: claim(db, OutboxKind.MAIL, BATCH)) < 4 * BATCH


def test_who_looks_for_reminders_reads_some_rows_for_each_booking_of_the_sessions_ahead(
    school: School, decider: Decider, engine: Engine
) -> None:
    course = school.course(capacity=WAITING, sessions=LATER + 1)
    soon, *later = course.sessions
    due = school.now + 2 * DAY
    come(course, later)
    decide_all(decider)
    analyze(engine)
    come(course, later)
    come(course, [soon], FEW)
    decide_all(decider)

    def look(db: Connection) -> None:
        assert write_due_reminders(db, due, DAY, BATCH, first_place(due)).count == FEW

    assert rows_read(engine, look) < 20 * FEW


@pytest.mark.parametrize("status", [None, *OutboxStatus])
@pytest.mark.parametrize("kind", [None, *OutboxKind])
def test_a_list_of_the_outbox_reads_about_what_it_shows(
    engine: Engine, status: OutboxStatus | None, kind: OutboxKind | None
) -> None:
    write_messages(engine, OutboxStatus.DEAD, 4 * WAITING)
    write_messages(engine, OutboxStatus.SENT, 4 * WAITING)
    analyze(engine)
    write_messages(engine, OutboxStatus.SUPERSEDED, 4 * WAITING)
    write_messages(engine, OutboxStatus.PENDING, 4 * WAITING)
    write_messages(engine, OutboxStatus.SENT, 2 * PAGE)

    def show(db: Connection) -> None:
        found = list_messages(db, status=status, kind=kind, before=None, limit=PAGE)
        assert len(found) == (0 if status == OutboxStatus.SENDING else PAGE)

    assert rows_read(engine, show) <= 4 * PAGE


def test_a_calendar_feed_reads_some_rows_for_each_seat_of_its_student(
    school: School, decider: Decider, engine: Engine
) -> None:
    course = school.course(capacity=4 * WAITING)
    come(course, count=4 * WAITING - 1)
    student, package = course.enrol_one()
    course.submit(student, package)
    decide_all(decider)
    analyze(engine)
    with engine.begin() as db:
        token = token_of(db, student, TokenPurpose.CALENDAR, school.now)

    def feed(db: Connection) -> None:
        owner = user_of(db, token, TokenPurpose.CALENDAR)
        assert owner == student
        assert len(feed_entries(db, owner, school.now, Policy())) == 1

    assert rows_read(engine, feed) < 20


@contextmanager
def kept_for_a_backup(engine: Engine) -> Iterator[None]:
    """Hold a snapshot as a backup does: dead rows are kept for it, and what points to them."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as db:
        allow_long_transaction(db, minutes=2)
        db.execute(text("SELECT count(*) FROM booking_job"))
        yield


def come(course: Course, sessions: Sequence[int | None] = (None,), count: int = WAITING) -> UUID:
    """Let enough students ask for a seat that a whole read shows; returns the last one's job.

    They are dealt to the sessions given.
    """
    pupils = zip(course.enrol(count), cycle(sessions), strict=False)
    return [course.submit(*pupil, session) for pupil, session in pupils][-1]


def write_messages(engine: Engine, status: OutboxStatus, count: int) -> None:
    """Messages of both kinds that are in this state."""
    with engine.begin() as db:
        db.execute(
            text(
                "INSERT INTO outbox_message (id, kind, topic, payload, status, finished_at)"
                " SELECT id, CASE n % 2 WHEN 0 THEN 'MAIL' ELSE 'EVENT' END, 'x', '{}', :status,"
                " CASE :status WHEN 'PENDING' THEN NULL ELSE now() END"
                " FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS given (id, n)"
            ),
            {"status": status, "ids": [new_id() for _ in range(count)]},
        )


def analyze(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("VACUUM ANALYZE"))


def rows_read(engine: Engine, act: Callable[[Connection], object]) -> int:
    """The rows that this reads, of all tables together."""
    with engine.begin() as db:
        before = _read_so_far(db)
        act(db)
        return _read_so_far(db) - before


def _read_so_far(db: Connection) -> int:
    """The rows that this connection has read in this transaction, and lately in others."""
    read = "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"
    return int(db.scalar(text(read)) or 0)
