from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, text

from models.auditing import Actor
from models.couriers import claim, mark_sent
from models.deciding import decide_lane
from models.event_publishing import publish_events
from models.invariants import RULES, Violation, check_invariants, find_violations
from models.lanes import lane_of
from models.outbox import OutboxKind
from models.resending import NotAgain, send_again
from models.round import Decider
from tests.catalogs import bring_in, small_catalog
from tests.school import Course, School

DROP_EVERY_GUARD = """
DO $$ DECLARE guard record; BEGIN
    FOR guard IN SELECT conrelid::regclass AS place, conname AS name FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'p', 'u', 'x')
        ORDER BY contype = 'p'
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE',
                       guard.place, guard.name);
    END LOOP;
    FOR guard IN SELECT indexrelid::regclass AS name FROM pg_index
        WHERE indisunique AND indrelid IN (SELECT oid FROM pg_class
            WHERE relnamespace = 'public'::regnamespace)
    LOOP
        EXECUTE format('DROP INDEX %s', guard.name);
    END LOOP;
    ALTER TABLE seat_ledger DISABLE TRIGGER USER;
    ALTER TABLE event_log DISABLE TRIGGER USER;
END $$
"""

A_SECOND_BOOKING = """
INSERT INTO booking (user_id, session_id, group_class_id, booking_type, payment_status,
                     course_step_id, student_package_id, during)
SELECT user_id, {session}, {group_class}, booking_type, payment_status, {step}, {package},
       (SELECT tstzrange(start_at, end_at) FROM session WHERE id = {session})
FROM booking WHERE id = 1
"""


def booking_again(
    session: int = 2, group_class: int = 1, step: str = "2", package: str = "1"
) -> str:
    return A_SECOND_BOOKING.format(
        session=session, group_class=group_class, step=step, package=package
    )


WAITING = """
INSERT INTO waitlist_entry (user_id, student_package_id, course_step_id, course_step_option_id,
                            group_class_id, status, joined_at, ended_at, booking_id, booking_job_id)
SELECT user_id, student_package_id, {step}, 1, 1, '{status}', now(), {ended_at}, {booking},
       booking_job_id
FROM booking WHERE id = 1
"""


def waiting(step: int = 1) -> str:
    return WAITING.format(step=step, status="WAITING", ended_at="NULL", booking="NULL")


BREAKING = {
    "seats_counted": "UPDATE session SET seats_taken = 2 WHERE id = 2",
    "seats_ledgered": "DELETE FROM seat_ledger",
    "booking_ledgered": "UPDATE seat_ledger SET booking_id = NULL",
    "seats_within_capacity": "UPDATE session SET capacity_max = 0 WHERE id = 2",
    "session_time": "UPDATE session SET end_at = start_at WHERE id = 1",
    "pin_fits": "UPDATE course_cohort_session SET session_id = 3",
    "one_booking_per_step": booking_again(session=3, group_class=2, step="1"),
    "one_booking_per_session": booking_again(),
    "no_overlap": "UPDATE session SET start_at = o.start_at, end_at = o.end_at FROM session o"
    " WHERE o.id = 2 AND session.id = 3; " + booking_again(session=3, group_class=2),
    "booking_time": "UPDATE booking SET during = NULL",
    "booking_class": "UPDATE booking SET group_class_id = 2",
    "booking_owner": "UPDATE booking SET user_id = 1",
    "course_step_paid": "UPDATE booking SET payment_status = 'UNPAID'",
    "progress_booking": "UPDATE booking SET status = 'CANCELLED'",
    "booking_progress": "UPDATE student_course_step_progress"
    " SET status = 'UNBOOKED', booking_id = NULL WHERE course_step_id = 1",
    "progress_complete": "DELETE FROM student_course_step_progress WHERE course_step_id = 2",
    "job_outcome": "UPDATE booking_job SET decided_at = NULL WHERE status = 'SUCCEEDED'",
    "queued_job_waits": "DELETE FROM job_queue",
    "queued_job_has_lane": "UPDATE booking_job SET lanes = '{}' WHERE status = 'QUEUED'",
    "queue_holds_queued_jobs": "UPDATE booking_job SET status = 'WITHDRAWN', decided_at = now()"
    " WHERE status = 'QUEUED'",
    "job_makes_its_booking": "UPDATE booking SET booking_job_id = NULL",
    "booking_is_told": "DELETE FROM outbox_message WHERE kind = 'MAIL'",
    "nothing_told_unfounded": "UPDATE outbox_message SET booking_job_id ="
    " (SELECT id FROM booking_job WHERE status = 'QUEUED')",
    "told_in_order": "INSERT INTO outbox_message (id, kind, topic, student_package_id,"
    " course_step_id, payload, status) SELECT gen_random_uuid(), kind, 'later',"
    " student_package_id, course_step_id, payload, 'SENT' FROM outbox_message"
    " WHERE kind = 'MAIL'",
    "event_logged": "DELETE FROM event_log",
    "event_position": "INSERT INTO event_log SELECT position, gen_random_uuid(), type,"
    " timestamp, data FROM event_log",
    "event_once": "INSERT INTO event_log SELECT position + 1, id, type, timestamp, data"
    " FROM event_log",
    "waiting_for_option": waiting(step=2),
    "waiting_once": f"{waiting()}; {waiting()}",
    "promoted_is_booked": WAITING.format(step=2, status="PROMOTED", ended_at="now()", booking="id"),
    "open_promotion_once": "INSERT INTO booking_job (id, kind, submitted_by, user_id, session_id,"
    " request, lanes, submitted_at) SELECT gen_random_uuid(), 'PROMOTE', 0, 0, 1, '{}', '{1}',"
    " now() FROM generate_series(1, 2)",
}


@pytest.fixture
def booked(engine: Engine, school: School, decider: Decider) -> Engine:
    """One booking made and published, and one job still queued."""
    bring_in(engine, small_catalog())
    school.submit(2, 1, 1, 1)
    decide_lane(decider, lane_of(1))
    school.submit(2, 1, 2, 2)
    with engine.begin() as db:
        assert publish_events(db, 10) == 1
    return engine


@pytest.fixture
def unguarded(booked: Engine) -> Iterator[Connection]:
    """A transaction in which no constraint holds, undone at the end."""
    with booked.connect() as db:
        db.execute(text(DROP_EVERY_GUARD))
        yield db


def test_bookings_made_by_the_real_path_break_no_rule(booked: Engine) -> None:
    findings = check_invariants(booked)
    assert (findings.sessions, findings.bookings, findings.violations) == (3, 1, [])


def test_a_confirmation_that_staff_send_once_more_breaks_no_rule(booked: Engine) -> None:
    with booked.begin() as db:
        (message, *_) = claim(db, OutboxKind.MAIL, 1)
        assert mark_sent(db, message)
        again = send_again(db, message.id, Actor(None, "192.0.2.7", datetime.now(UTC)))
        assert not isinstance(again, NotAgain)
    assert check_invariants(booked).violations == []


def test_every_rule_has_a_test_that_breaks_it() -> None:
    assert BREAKING.keys() == RULES.keys()


@pytest.mark.parametrize("rule", RULES)
def test_a_row_that_breaks_a_rule_is_found(unguarded: Connection, rule: str) -> None:
    for statement in BREAKING[rule].split("; "):
        unguarded.execute(text(statement))
    assert rule in {violation.name for violation in find_violations(unguarded)}


def test_a_violation_says_which_row_and_what_is_wrong(unguarded: Connection) -> None:
    unguarded.execute(text("UPDATE session SET seats_taken = 2 WHERE id = 2"))
    assert find_violations(unguarded) == [
        Violation("seats_counted", "2", "seats_taken is 2, bookings hold 1"),
        Violation("seats_ledgered", "2", "seats_taken is 2, the ledger says 1"),
    ]


def test_old_bookings_that_collided_before_the_rules_are_no_violation(
    unguarded: Connection,
) -> None:
    unguarded.execute(text("UPDATE booking SET during = NULL"))
    unguarded.execute(
        text(
            "INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)"
            " VALUES ('0003', 'no_overlap', 'booking', 1, '{}')"
        )
    )
    assert find_violations(unguarded) == []


def test_attended_and_completed_belong_together(unguarded: Connection) -> None:
    unguarded.execute(text("UPDATE booking SET status = 'ATTENDED'"))
    assert [violation.name for violation in find_violations(unguarded)] == ["progress_booking"]
    unguarded.execute(
        text("UPDATE student_course_step_progress SET status = 'COMPLETED' WHERE booking_id = 1")
    )
    assert find_violations(unguarded) == []


def test_bookings_made_while_it_looks_are_not_half_seen(
    engine: Engine, school: School, decider: Decider
) -> None:
    course = school.course(capacity=40)
    students = course.enrol(40)
    with ThreadPoolExecutor(1) as pool:
        booking = pool.submit(book_one_by_one, course, students, decider)
        looked = [check_invariants(engine)]
        while not booking.done():
            looked.append(check_invariants(engine))
    booking.result()
    assert check_invariants(engine).bookings == 40
    assert [findings.violations for findings in looked] == [[]] * len(looked)


def book_one_by_one(course: Course, students: list[tuple[int, int]], decider: Decider) -> None:
    for student, package in students:
        course.submit(student, package)
        decide_lane(decider, lane_of(course.group_class))
