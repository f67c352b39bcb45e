"""What the old code does to a step whose entry calendars know: its SEQUENCE goes on rising."""

import pytest
from sqlalchemy import Engine

from tests.migrations.databases import (
    STEP_BOOKING,
    book_step_with_new_code,
    broken_rules,
    rows,
    run,
)

KNOWN = 4
"""The number that calendars have heard of."""
NUMBERS = "SELECT id, calendar_sequence FROM booking WHERE course_step_id = 1 ORDER BY id"
OF_STEP = "SELECT calendar_sequence FROM student_course_step_progress WHERE id = 1"


@pytest.fixture
def known(shared: Engine) -> Engine:
    """The booking of the new code, after it was moved a few times."""
    run(shared, f"UPDATE booking SET calendar_sequence = {KNOWN} WHERE id = {STEP_BOOKING}")
    return shared


@pytest.mark.parametrize(
    "write",
    [
        f"UPDATE booking SET status = 'CANCELLED' WHERE id = {STEP_BOOKING}",
        f"DELETE FROM booking WHERE id = {STEP_BOOKING}",
        "UPDATE student_course_step_progress SET status = 'UNBOOKED' WHERE id = 1",
    ],
)
def test_a_step_that_the_old_code_unbooks_is_booked_again_with_a_higher_number(
    known: Engine, write: str
) -> None:
    run(known, write)
    book_step_with_new_code(known)
    (*_, (_, number)) = rows(known, NUMBERS)
    assert number > KNOWN
    assert broken_rules(known) == []


def test_a_booking_that_the_old_code_revives_has_a_higher_number_than_the_one_in_between(
    known: Engine,
) -> None:
    run(known, f"UPDATE booking SET status = 'CANCELLED' WHERE id = {STEP_BOOKING}")
    book_step_with_new_code(known)
    [_, (between, number)] = rows(known, NUMBERS)
    run(known, f"UPDATE booking SET status = 'CANCELLED' WHERE id = {between}")
    run(known, f"UPDATE booking SET status = 'CONFIRMED' WHERE id = {STEP_BOOKING}")
    [(_, revived), _] = rows(known, NUMBERS)
    assert revived > number > KNOWN
    assert broken_rules(known) == []


def test_what_the_new_code_counts_stands_as_it_is_written(known: Engine) -> None:
    run(
        known,
        f"UPDATE booking SET status = 'CANCELLED', cancelled_at = now(), calendar_sequence = 5"
        f" WHERE id = {STEP_BOOKING}",
        "UPDATE student_course_step_progress SET status = 'UNBOOKED', booking_id = NULL,"
        " group_class_id = NULL, booked_at = NULL, calendar_sequence = 5 WHERE id = 1",
    )
    assert rows(known, OF_STEP) == [(5,)]
    book_step_with_new_code(known)
    assert [number for _, number in rows(known, NUMBERS)] == [5, 6]
    assert rows(known, OF_STEP) == [(5,)]
