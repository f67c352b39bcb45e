"""What the old code does to bookings beside the new code, and what becomes of seats and steps."""

from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text

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
)

ADAS_FIRST_STEP = f"{PROGRESS} WHERE id = 1"


@pytest.mark.parametrize(
    ("write", "taken"),
    [
        ("INSERT INTO booking (user_id, session_id) VALUES (3, 3)", {1: 2, 3: 1}),
        ("UPDATE booking SET status = 'CANCELLED' WHERE id = 2", {1: 1}),
        ("UPDATE booking SET status = 'CONFIRMED' WHERE id = 3", {1: 2, 3: 1}),
        ("DELETE FROM booking WHERE id = 2", {1: 1}),
        ("DELETE FROM booking WHERE id = 3", {1: 2}),
        ("UPDATE booking SET session_id = 3 WHERE id = 2", {1: 1, 3: 1}),
        ("UPDATE booking SET session_id = 2, status = 'CANCELLED' WHERE id = 2", {1: 1}),
        ("UPDATE booking SET status = 'ATTENDED' WHERE id = 2", {1: 2}),
        ("UPDATE booking SET user_id = 1 WHERE id = 2", {1: 2}),
    ],
)
def test_whatever_the_old_code_does_to_a_booking_is_counted(
    legacy: Engine, write: str, taken: dict[int, int]
) -> None:
    commands.upgrade(legacy, BESIDE_OLD_CODE)
    run(legacy, write)
    assert seats(legacy) == taken
    assert broken_rules(legacy) == []


@pytest.mark.parametrize("conflict", ["DO NOTHING", "(id) DO UPDATE SET status = EXCLUDED.status"])
def test_an_upsert_that_meets_its_row_takes_no_seat(legacy: Engine, conflict: str) -> None:
    commands.upgrade(legacy, BESIDE_OLD_CODE)
    run(
        legacy,
        f"INSERT INTO booking (id, user_id, session_id) VALUES (2, 3, 1) ON CONFLICT {conflict}",
    )
    assert seats(legacy) == {1: 2}
    assert broken_rules(legacy) == []


def test_a_booking_that_the_old_code_revives_into_a_conflict_is_kept_and_listed(
    legacy: Engine,
) -> None:
    commands.upgrade(legacy, BESIDE_OLD_CODE)
    run(legacy, "INSERT INTO booking (user_id, session_id, status) VALUES (2, 2, 'CANCELLED')")
    run(legacy, "UPDATE booking SET status = 'CONFIRMED' WHERE id = 4")
    assert rows(legacy, "SELECT status, during FROM booking WHERE id = 4") == [("CONFIRMED", None)]
    assert ("no_overlap", 4) in findings(legacy)


def test_two_overlapping_bookings_of_one_person_at_the_same_moment_are_both_kept(
    legacy: Engine,
) -> None:
    commands.upgrade(legacy, BESIDE_OLD_CODE)
    with ThreadPoolExecutor() as pool, legacy.begin() as first:
        first.execute(text("INSERT INTO booking (user_id, session_id) VALUES (1, 1)"))
        second = start(pool, legacy, "INSERT INTO booking (user_id, session_id) VALUES (1, 2)")
        first.commit()
        second.result()
    assert seats(legacy) == {1: 3, 2: 1}
    assert broken_rules(legacy) == []
    assert [rule for rule, _ in findings(legacy)].count("no_overlap") == 1


def test_a_booking_in_a_session_that_changes_at_the_same_moment_has_its_new_class_and_time(
    legacy: Engine,
) -> None:
    commands.upgrade(legacy, BESIDE_OLD_CODE)
    with ThreadPoolExecutor() as pool, legacy.begin() as first:
        first.execute(text("UPDATE session SET group_class_id = 2 WHERE id = 3"))
        first.execute(text("UPDATE session SET end_at = '2030-01-02 15:00Z' WHERE id = 3"))
        second = start(pool, legacy, "INSERT INTO booking (user_id, session_id) VALUES (3, 3)")
        first.commit()
        second.result()
    assert rows(legacy, "SELECT group_class_id FROM booking WHERE session_id = 3") == [(2,), (2,)]
    assert broken_rules(legacy) == []


def test_bookings_that_swap_their_sessions_at_the_same_moment_end_in_no_deadlock(
    legacy: Engine,
) -> None:
    commands.upgrade(legacy, BESIDE_OLD_CODE)
    run(legacy, "INSERT INTO booking (id, user_id, session_id) VALUES (22, 3, 2), (33, 3, 3)")
    with ThreadPoolExecutor() as pool, legacy.begin() as first:
        first.execute(text("UPDATE session SET status = 'SCHEDULED' WHERE id = 2"))
        away = start(pool, legacy, "UPDATE booking SET session_id = 3 WHERE id = 22")
        into = start(pool, legacy, "UPDATE booking SET session_id = 2 WHERE id = 33")
        first.commit()
        away.result()
        into.result()
    assert seats(legacy) == {1: 2, 2: 1, 3: 1}
    assert broken_rules(legacy) == []


def start(pool: ThreadPoolExecutor, engine: Engine, write: str) -> "Future[None]":
    """Begin a write that has to wait for another one, and see that it does."""
    waiting = pool.submit(run, engine, write)
    with pytest.raises(TimeoutError):
        waiting.result(timeout=0.3)
    return waiting


def test_the_old_code_may_oversell_and_the_capacity_follows_audited_and_listed(
    legacy: Engine,
) -> None:
    commands.upgrade(legacy, BESIDE_OLD_CODE)
    run(legacy, "INSERT INTO booking (user_id, session_id) VALUES (1, 1)")
    assert rows(legacy, "SELECT seats_taken, capacity_max FROM session WHERE id = 1") == [(3, 3)]
    assert rows(legacy, "SELECT reason, detail FROM audit_entry ORDER BY id")[-1] == (
        "oversold by the old code",
        {"from": 2, "to": 3},
    )
    assert findings(legacy) == [("seats_within_capacity", 1)] * 2


@pytest.mark.parametrize(
    "write", ["UPDATE booking SET status = 'CANCELLED'", "DELETE FROM booking"]
)
def test_a_step_whose_booking_the_old_code_cancels_or_deletes_is_unbooked(
    shared: Engine, write: str
) -> None:
    assert seats(shared) == {1: 2, 3: 1}
    run(shared, f"{write} WHERE id = {STEP_BOOKING}")
    assert rows(shared, ADAS_FIRST_STEP) == [("UNBOOKED", None, None)]
    assert seats(shared) == {1: 2}
    assert broken_rules(shared) == []


def test_a_cancellation_by_the_old_code_says_so_and_when(shared: Engine) -> None:
    run(shared, f"UPDATE booking SET status = 'CANCELLED' WHERE id = {STEP_BOOKING}")
    booking = f"SELECT cancel_reason, cancelled_at IS NULL FROM booking WHERE id = {STEP_BOOKING}"
    assert rows(shared, booking) == [("cancelled by the old code", False)]


def test_a_jobs_booking_that_the_old_code_deletes_is_listed_with_the_whole_row(
    shared: Engine,
) -> None:
    run(shared, f"DELETE FROM booking WHERE id = {STEP_BOOKING}")
    listed = "SELECT detail FROM migration_finding WHERE rule = 'job_makes_its_booking'"
    ((detail,),) = rows(shared, listed)
    assert detail["student_package_id"] == 1
    assert detail["course_step_id"] == 1
    assert detail["session_id"] == 3


@pytest.mark.parametrize(("session", "group_class"), [(2, 1), (4, 2)])
def test_a_step_goes_along_when_the_old_code_moves_its_booking(
    shared: Engine, session: int, group_class: int
) -> None:
    run(shared, "UPDATE booking SET status = 'CANCELLED' WHERE id = 1")
    run(shared, f"UPDATE booking SET session_id = {session} WHERE id = {STEP_BOOKING}")
    assert rows(shared, ADAS_FIRST_STEP) == [("BOOKED", group_class, STEP_BOOKING)]
    assert seats(shared) == {1: 1, session: 1}
    assert broken_rules(shared) == []


def test_a_step_is_completed_with_its_booking_and_reopened_with_it(shared: Engine) -> None:
    for booked, step in [("ATTENDED", "COMPLETED"), ("NO_SHOW", "BOOKED")]:
        run(shared, f"UPDATE booking SET status = '{booked}' WHERE id = {STEP_BOOKING}")
        assert rows(shared, ADAS_FIRST_STEP) == [(step, 1, STEP_BOOKING)]
        assert broken_rules(shared) == []


def test_a_step_is_booked_again_when_the_old_code_revives_its_booking(shared: Engine) -> None:
    run(shared, f"UPDATE booking SET status = 'CANCELLED' WHERE id = {STEP_BOOKING}")
    run(shared, f"UPDATE booking SET status = 'CONFIRMED' WHERE id = {STEP_BOOKING}")
    assert rows(shared, ADAS_FIRST_STEP) == [("BOOKED", 1, STEP_BOOKING)]
    assert seats(shared) == {1: 2, 3: 1}
    assert broken_rules(shared) == []


def test_a_revived_booking_whose_step_is_booked_otherwise_is_kept_without_it_and_listed(
    shared: Engine,
) -> None:
    run(shared, f"UPDATE booking SET status = 'CANCELLED' WHERE id = {STEP_BOOKING}")
    run(
        shared,
        "UPDATE student_course_step_progress SET status = 'BOOKED', session_id = 2 WHERE id = 1",
    )
    run(shared, f"UPDATE booking SET status = 'CONFIRMED' WHERE id = {STEP_BOOKING}")
    assert rows(shared, ADAS_FIRST_STEP) == [("BOOKED", 2, None)]
    assert rows(
        shared, f"SELECT booking_type, student_package_id FROM booking WHERE id = {STEP_BOOKING}"
    ) == [("DROP_IN", None)]
    assert ("booking_progress", STEP_BOOKING) in findings(shared)
    assert seats(shared) == {1: 2, 3: 1}


def test_a_steps_booking_that_the_old_code_gives_away_is_kept_without_the_step_and_listed(
    shared: Engine,
) -> None:
    run(shared, f"UPDATE booking SET user_id = 3 WHERE id = {STEP_BOOKING}")
    assert rows(shared, ADAS_FIRST_STEP) == [("UNBOOKED", None, None)]
    assert ("booking_progress", STEP_BOOKING) in findings(shared)
    assert seats(shared) == {1: 2, 3: 1}
    assert broken_rules(shared) == []


def test_a_steps_booking_stays_paid_and_what_the_old_code_wrote_is_listed(shared: Engine) -> None:
    run(shared, f"UPDATE booking SET payment_status = 'UNPAID' WHERE id = {STEP_BOOKING}")
    assert rows(shared, f"SELECT payment_status FROM booking WHERE id = {STEP_BOOKING}") == [
        ("PAID",)
    ]
    assert ("course_step_paid", STEP_BOOKING) in findings(shared)
