"""The new code, at work beside the old, is not disturbed by what watches the old."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from tests.migrations.databases import (
    PROGRESS,
    STEP_BOOKING,
    book_step_with_new_code,
    broken_rules,
    findings,
    rows,
    run,
    seats,
)

ADAS_FIRST_STEP = f"{PROGRESS} WHERE id = 1"
FREE_SEAT = f"""
UPDATE session SET seats_taken = seats_taken - 1 WHERE id = 3;
INSERT INTO seat_ledger (session_id, booking_id, change, cause)
    VALUES (3, {STEP_BOOKING}, -1, 'CANCEL_STEP')
"""
CANCEL_BOOKING = f"""
UPDATE booking SET status = 'CANCELLED', cancelled_at = now(), cancelled_by = 2,
    cancel_reason = 'ill' WHERE id = {STEP_BOOKING}
"""
UNBOOK_STEP = """
UPDATE student_course_step_progress
    SET status = 'UNBOOKED', booking_id = NULL, group_class_id = NULL, booked_at = NULL
    WHERE id = 1
"""
TAKE_SEAT = """
UPDATE session SET seats_taken = seats_taken + 1 WHERE id = 4;
INSERT INTO seat_ledger (session_id, booking_id, change, cause) VALUES (4, 50, 1, 'CHANGE_STEP')
"""
NEW_BOOKING = f"""
INSERT INTO booking (id, user_id, session_id, group_class_id, booking_type, payment_status,
                     course_step_id, student_package_id, during, replaces_booking_id)
    VALUES (50, 2, 4, 2, 'COURSE_STEP', 'PAID', 1, 1,
            tstzrange('2030-01-03 10:00Z', '2030-01-03 11:00Z'), {STEP_BOOKING})
"""
LINK_STEP = """
UPDATE student_course_step_progress
    SET status = 'BOOKED', booking_id = 50, group_class_id = 2, booked_at = now() WHERE id = 1
"""


@pytest.mark.parametrize("deeds", [(CANCEL_BOOKING, UNBOOK_STEP), (UNBOOK_STEP, CANCEL_BOOKING)])
def test_a_cancellation_stands_as_it_is_written_in_either_order(
    shared: Engine, deeds: tuple[str, ...]
) -> None:
    run(shared, *deeds, FREE_SEAT)
    assert rows(shared, ADAS_FIRST_STEP) == [("UNBOOKED", None, None)]
    assert rows(shared, f"SELECT cancel_reason FROM booking WHERE id = {STEP_BOOKING}") == [
        ("ill",)
    ]
    assert seats(shared) == {1: 2}
    assert broken_rules(shared) == []


@pytest.mark.parametrize(
    "deeds",
    [
        (CANCEL_BOOKING, NEW_BOOKING, LINK_STEP),
        (UNBOOK_STEP, CANCEL_BOOKING, NEW_BOOKING, LINK_STEP),
        (LINK_STEP, CANCEL_BOOKING, NEW_BOOKING),
    ],
)
def test_a_change_stands_as_it_is_written_in_any_order(
    shared: Engine, deeds: tuple[str, ...]
) -> None:
    run(shared, FREE_SEAT, TAKE_SEAT, *deeds)
    assert rows(shared, ADAS_FIRST_STEP) == [("BOOKED", 2, 50)]
    assert seats(shared) == {1: 2, 4: 1}
    assert broken_rules(shared) == []


@pytest.mark.parametrize("booking_first", [True, False])
def test_each_write_of_an_attendance_finds_what_it_is_to_change(
    shared: Engine, *, booking_first: bool
) -> None:
    attend = "UPDATE booking SET status = 'ATTENDED' WHERE id = 4 AND status = 'CONFIRMED'"
    complete = """
        UPDATE student_course_step_progress SET status = 'COMPLETED'
        WHERE id = 1 AND status = 'BOOKED'
    """
    deeds = [attend, complete]
    with shared.begin() as db:
        for deed in deeds if booking_first else reversed(deeds):
            assert db.execute(text(deed)).rowcount == 1
    assert rows(shared, ADAS_FIRST_STEP) == [("COMPLETED", 1, STEP_BOOKING)]
    assert broken_rules(shared) == []


def test_a_session_that_the_new_code_moves_over_a_booking_lists_nothing(shared: Engine) -> None:
    before = findings(shared)
    run(
        shared,
        "UPDATE session SET start_at = '2030-01-01 10:00Z', end_at = '2030-01-01 11:00Z'"
        " WHERE id = 3",
        # it would overlap Ada's other booking: she is released
        CANCEL_BOOKING,
        UNBOOK_STEP,
        FREE_SEAT,
    )
    assert findings(shared) == before
    assert broken_rules(shared) == []


@pytest.mark.parametrize("session_first", [True, False])
def test_a_session_that_the_new_code_moves_with_its_bookings_stands_as_it_is_written(
    shared: Engine, *, session_first: bool
) -> None:
    before = findings(shared)
    later = "'2030-01-08 10:00Z', '2030-01-08 11:00Z'"
    deeds = [
        f"UPDATE session SET (start_at, end_at) = ROW({later}) WHERE id = 3",
        f"UPDATE booking SET during = tstzrange({later}) WHERE session_id = 3 AND holds_seat",
    ]
    run(shared, *(deeds if session_first else reversed(deeds)))
    assert findings(shared) == before
    assert broken_rules(shared) == []


def test_a_seat_too_many_is_refused_to_the_new_code(shared: Engine) -> None:
    with pytest.raises(IntegrityError, match="ck_session_seats_taken"):
        run(shared, "UPDATE session SET seats_taken = seats_taken + 10 WHERE id = 3")


def test_a_step_that_the_old_code_unbooked_can_be_booked_again(shared: Engine) -> None:
    run(
        shared,
        "UPDATE student_course_step_progress SET status = 'UNBOOKED', session_id = NULL"
        " WHERE id = 1",
    )
    book_step_with_new_code(shared)
    assert seats(shared) == {1: 2, 3: 1}
    assert broken_rules(shared) == []
