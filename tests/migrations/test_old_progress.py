"""What the old code does to steps beside the new code, and what becomes of their bookings."""

import pytest
from sqlalchemy import Engine

from migrations import commands
from tests.migrations.databases import (
    PROGRESS,
    STEP_BOOKING,
    broken_rules,
    findings,
    rows,
    run,
    seats,
)

ADAS_FIRST_STEP = f"{PROGRESS} WHERE id = 1"
BOOKING = f"SELECT status, cancel_reason FROM booking WHERE id = {STEP_BOOKING}"
CANCELLED = [("CANCELLED", "unbooked by the old code")]


def set_first_step(engine: Engine, changes: str) -> None:
    run(engine, f"UPDATE student_course_step_progress SET {changes} WHERE id = 1")


@pytest.mark.parametrize("revision", ["0002", "0003", "0005", "0006", "0007"])
def test_old_and_new_column_are_kept_equal_whichever_is_written(
    legacy: Engine, revision: str
) -> None:
    commands.upgrade(legacy, revision)
    columns = "SELECT session_id, group_class_id FROM student_course_step_progress WHERE id = 1"
    for column in ("session_id", "group_class_id"):
        set_first_step(legacy, f"{column} = 1")
        assert rows(legacy, columns) == [(1, 1)]
        set_first_step(legacy, f"{column} = NULL")
        assert rows(legacy, columns) == [(None, None)]


@pytest.mark.parametrize("left", ["session_id = NULL", "session_id = session_id"])
def test_a_step_that_the_old_code_unbooks_loses_its_booking_and_frees_the_seat(
    shared: Engine, left: str
) -> None:
    set_first_step(shared, f"status = 'UNBOOKED', {left}")
    assert rows(shared, BOOKING) == CANCELLED
    assert rows(shared, "SELECT booking_id FROM student_course_step_progress WHERE id = 1") == [
        (None,)
    ]
    assert seats(shared) == {1: 2}
    ledger = f"SELECT change, cause FROM seat_ledger WHERE booking_id = {STEP_BOOKING} ORDER BY id"
    assert rows(shared, ledger)[-1] == (-1, "freed by the old code")
    assert broken_rules(shared) == []


@pytest.mark.parametrize("group_class", [2, 99])
def test_a_step_that_the_old_code_points_elsewhere_loses_its_booking_and_waits_to_be_linked(
    shared: Engine, group_class: int
) -> None:
    set_first_step(shared, f"session_id = {group_class}")
    assert rows(shared, ADAS_FIRST_STEP) == [("BOOKED", group_class, None)]
    assert rows(shared, BOOKING) == CANCELLED
    assert seats(shared) == {1: 2}
    assert broken_rules(shared, known=["progress_booking"]) == []


def test_a_step_that_the_old_code_writes_as_it_stands_keeps_its_booking(shared: Engine) -> None:
    set_first_step(shared, "status = 'BOOKED', session_id = 1, booked_at = now()")
    assert rows(shared, ADAS_FIRST_STEP) == [("BOOKED", 1, STEP_BOOKING)]
    assert seats(shared) == {1: 2, 3: 1}


def test_a_booking_is_attended_with_its_step_and_held_again_with_it(shared: Engine) -> None:
    for step, booked in [("COMPLETED", "ATTENDED"), ("BOOKED", "CONFIRMED")]:
        set_first_step(shared, f"status = '{step}'")
        assert rows(shared, BOOKING) == [(booked, None)]
        assert broken_rules(shared) == []


@pytest.mark.parametrize(
    "write",
    [
        "DELETE FROM student_course_step_progress WHERE id = 1",
        """
        DELETE FROM student_course_step_progress WHERE id = 2;
        UPDATE student_course_step_progress SET course_step_id = 2 WHERE id = 1
        """,
    ],
)
def test_bookings_of_a_step_that_the_old_code_takes_away_are_cancelled_kept_and_listed(
    shared: Engine, write: str
) -> None:
    run(shared, write)
    assert rows(shared, BOOKING) == CANCELLED
    assert ("booking_progress", STEP_BOOKING) in findings(shared)
    assert seats(shared) == {1: 2}
    assert broken_rules(shared, known=["progress_complete", "progress_booking"]) == []


def test_bookings_go_along_with_a_package_that_the_old_code_gives_to_another_student(
    shared: Engine,
) -> None:
    run(shared, "INSERT INTO booking (user_id, session_id) VALUES (3, 3)")
    run(shared, "UPDATE student_package SET user_id = 3 WHERE id = 1")
    # the new owner has a booking of their own at that time
    assert rows(shared, f"SELECT user_id, during FROM booking WHERE id = {STEP_BOOKING}") == [
        (3, None)
    ]
    assert ("no_overlap", STEP_BOOKING) in findings(shared)
    assert broken_rules(shared) == []
