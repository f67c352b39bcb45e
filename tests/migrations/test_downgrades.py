"""What a downgrade gives back, what it keeps, and when it refuses."""

import pytest
from alembic.util import CommandError
from sqlalchemy import Engine

from migrations import commands
from tests.migrations.databases import (
    BESIDE_OLD_CODE,
    PROGRESS,
    STEP_BOOKING,
    broken_rules,
    findings,
    rows,
    run,
    seats,
    send_everything,
    stands_at,
)

LEGACY_COLUMNS = [
    "SELECT id, user_id, session_id, status, payment_status, created_at FROM booking ORDER BY id",
    "SELECT id, status, session_id, booked_at FROM student_course_step_progress ORDER BY id",
    "SELECT id, group_class_id, start_at, end_at, capacity_max, status FROM session ORDER BY id",
    "SELECT id, name, capacity_max FROM group_class ORDER BY id",
]
FAULTY = """
UPDATE session SET capacity_max = -3 WHERE id = 2;
UPDATE session SET end_at = start_at - interval '1 hour' WHERE id = 3;
UPDATE group_class SET capacity_max = -5 WHERE id = 2;
UPDATE student_course_step_progress SET session_id = 99 WHERE id = 2;
INSERT INTO booking (user_id, session_id) VALUES (2, 2);
"""
QUEUED_JOB = """
INSERT INTO booking_job (id, kind, submitted_by, user_id, request, lanes, submitted_at)
    VALUES (gen_random_uuid(), 'BOOK_STEP', 2, 2, '{}', '{1}', now())
"""
PENDING_MAIL = """
UPDATE outbox_message SET status = 'PENDING', finished_at = NULL WHERE kind = 'MAIL'
"""
LEASED_MAIL = """
UPDATE outbox_message
    SET status = 'SENDING', lease_token = gen_random_uuid(), lease_until = now()
    WHERE kind = 'MAIL'
"""
CAPACITY = "SELECT capacity_max FROM session WHERE id = 1"


def legacy_rows(engine: Engine) -> list[list[object]]:
    return [rows(engine, query) for query in LEGACY_COLUMNS]


def test_rows_that_broke_a_rule_come_back_as_they_were(legacy: Engine) -> None:
    run(legacy, FAULTY)
    before = legacy_rows(legacy)
    commands.upgrade(legacy)
    assert {rule for rule, _ in findings(legacy)} == {
        "start_before_end",
        "seats_within_capacity",
        "no_overlap",
        "capacity_max",
        "group_class_known",
    }
    commands.downgrade(legacy, "0001")
    assert legacy_rows(legacy) == before


def test_the_contract_taken_back_and_made_again_lists_each_fault_once(legacy: Engine) -> None:
    run(legacy, FAULTY)
    commands.upgrade(legacy)
    listed = findings(legacy)
    commands.downgrade(legacy, "contract@-1")
    assert rows(legacy, "SELECT session_id FROM student_course_step_progress WHERE id = 2") == [
        (99,)
    ]
    commands.upgrade(legacy)
    assert findings(legacy) == listed


def test_what_was_raised_time_and_again_comes_back_to_what_was_written_last(shared: Engine) -> None:
    run(shared, "INSERT INTO booking (user_id, session_id) VALUES (1, 1)")
    run(shared, "INSERT INTO booking (user_id, session_id) VALUES (1, 1)")
    assert rows(shared, CAPACITY) == [(4,)]
    send_everything(shared)
    commands.downgrade(shared, "0002")
    assert rows(shared, CAPACITY) == [(1,)]


def test_what_somebody_has_written_since_stays(shared: Engine) -> None:
    run(
        shared,
        "UPDATE session SET capacity_max = 20 WHERE id = 1",
        "UPDATE session SET end_at = '2030-01-02 09:00Z' WHERE id = 3",
        "UPDATE session SET end_at = '2030-01-02 12:00Z' WHERE id = 3",
    )
    send_everything(shared)
    commands.downgrade(shared, "0002")
    assert rows(shared, CAPACITY) == [(20,)]
    assert rows(shared, "SELECT end_at - start_at = '2 h' FROM session WHERE id = 3") == [(True,)]


def test_what_the_old_code_wrote_of_a_payment_comes_back(shared: Engine) -> None:
    run(shared, f"UPDATE booking SET payment_status = 'UNPAID' WHERE id = {STEP_BOOKING}")
    send_everything(shared)
    commands.downgrade(shared, "0002")
    assert rows(shared, f"SELECT payment_status FROM booking WHERE id = {STEP_BOOKING}") == [
        ("UNPAID",)
    ]


def test_bookings_and_booked_steps_of_the_new_code_stay(shared: Engine) -> None:
    send_everything(shared)
    commands.downgrade(shared, "0001")
    assert rows(shared, f"SELECT session_id, status FROM booking WHERE id = {STEP_BOOKING}") == [
        (3, "CONFIRMED")
    ]
    assert rows(
        shared, "SELECT status, session_id FROM student_course_step_progress WHERE id = 1"
    ) == [("BOOKED", 1)]


def test_links_are_there_again_after_a_step_back_to_0002(shared: Engine) -> None:
    send_everything(shared)
    commands.downgrade(shared, "0002")
    commands.upgrade(shared, BESIDE_OLD_CODE)
    assert rows(shared, f"{PROGRESS} WHERE id = 1") == [("BOOKED", 1, STEP_BOOKING)]
    assert broken_rules(shared) == []


@pytest.mark.parametrize(
    ("write", "step"),
    [
        ("UPDATE booking SET status = 'CANCELLED' WHERE id = 4", ("BOOKED", 1, None)),
        ("UPDATE booking SET session_id = 4 WHERE id = 4", ("BOOKED", 1, None)),
        ("UPDATE booking SET status = 'ATTENDED' WHERE id = 4", ("BOOKED", 1, None)),
        ("DELETE FROM booking WHERE id = 4", ("BOOKED", 1, None)),
        ("UPDATE student_package SET user_id = 3", ("BOOKED", 1, None)),
        (
            "UPDATE student_course_step_progress SET status = 'UNBOOKED' WHERE id = 1",
            ("UNBOOKED", 1, None),
        ),
        ("UPDATE booking SET payment_status = 'UNPAID' WHERE id = 4", ("BOOKED", 1, 4)),
    ],
)
def test_what_the_old_code_has_parted_at_0002_is_kept_apart_and_listed(
    shared: Engine, write: str, step: tuple[str, int, int | None]
) -> None:
    send_everything(shared)
    commands.downgrade(shared, "0002")
    run(shared, write)
    held = dict(
        rows(
            shared,
            "SELECT session_id, count(*) FROM booking WHERE status <> 'CANCELLED'"
            " GROUP BY session_id",
        )
    )
    commands.upgrade(shared, BESIDE_OLD_CODE)
    assert rows(shared, f"{PROGRESS} WHERE id = 1") == [step]
    assert seats(shared) == held
    assert {rule for rule, _ in findings(shared)} & {
        "progress_booking",
        "booking_progress",
        "course_step_paid",
    }
    assert broken_rules(shared, known=["progress_booking"]) == []


@pytest.mark.parametrize("revision", ["expand@-3", "0005", "0003", "0001"])
def test_calendars_know_their_entries_again_after_a_way_down_and_up(
    shared: Engine, revision: str
) -> None:
    run(
        shared,
        f"UPDATE booking SET calendar_sequence = 7 WHERE id = {STEP_BOOKING}",
        "UPDATE student_course_step_progress SET calendar_sequence = 5 WHERE id = 2",
    )
    known_by = [
        "SELECT id FROM installation",
        f"SELECT calendar_sequence FROM booking WHERE id = {STEP_BOOKING}",
        "SELECT calendar_sequence FROM student_course_step_progress WHERE id = 2",
    ]
    before = [rows(shared, query) for query in known_by]
    send_everything(shared)
    commands.downgrade(shared, revision)
    commands.upgrade(shared, BESIDE_OLD_CODE)
    assert [rows(shared, query) for query in known_by] == before


@pytest.mark.parametrize(
    ("what_waits", "told"),
    [
        (QUEUED_JOB, "jobs to decide: 1, mails and events to send: 0"),
        (PENDING_MAIL, "jobs to decide: 0, mails and events to send: 1"),
        (LEASED_MAIL, "jobs to decide: 0, mails and events to send: 1"),
    ],
)
def test_nothing_that_waits_for_a_worker_is_taken_away(
    shared: Engine, what_waits: str, told: str
) -> None:
    send_everything(shared)
    run(shared, what_waits)
    with pytest.raises(CommandError, match=told) as refusal:
        commands.downgrade(shared, "0001")
    assert len(str(refusal.value).splitlines()) == 1
    assert stands_at(shared) == ["0008"]
    assert seats(shared) == {1: 2, 3: 1}
