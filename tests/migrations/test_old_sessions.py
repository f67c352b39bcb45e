"""What the old code does to sessions beside the new code, and what becomes of their bookings."""

import pytest
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
)

TIMES = "SELECT to_char(start_at, 'HH24:MI:SS'), to_char(end_at, 'HH24:MI:SS') FROM session"


def set_session(engine: Engine, number: int, *changes: str) -> None:
    run(engine, *(f"UPDATE session SET {change} WHERE id = {number}" for change in changes))


def test_bookings_have_the_time_of_a_session_that_the_old_code_moves(shared: Engine) -> None:
    set_session(shared, 3, "start_at = '2030-02-02 10:00Z', end_at = '2030-02-02 11:00Z'")
    assert rows(
        shared,
        f"SELECT during = tstzrange('2030-02-02 10:00Z', '2030-02-02 11:00Z')"
        f" FROM booking WHERE id = {STEP_BOOKING}",
    ) == [(True,)]
    assert broken_rules(shared) == []


def test_a_booking_that_collides_since_the_old_code_moved_its_session_is_kept_and_listed(
    shared: Engine,
) -> None:
    set_session(shared, 3, "start_at = '2030-01-01 09:30Z', end_at = '2030-01-01 10:30Z'")
    assert rows(shared, f"SELECT status, during FROM booking WHERE id = {STEP_BOOKING}") == [
        ("CONFIRMED", None)
    ]
    assert ("no_overlap", STEP_BOOKING) in findings(shared)
    assert broken_rules(shared) == []


def test_bookings_and_steps_follow_a_session_into_another_class(shared: Engine) -> None:
    set_session(shared, 3, "group_class_id = 2")
    assert rows(shared, f"SELECT group_class_id FROM booking WHERE id = {STEP_BOOKING}") == [(2,)]
    assert rows(shared, f"{PROGRESS} WHERE id = 1") == [("BOOKED", 2, STEP_BOOKING)]
    assert broken_rules(shared) == []


@pytest.mark.parametrize(("number", "wanted", "becomes"), [(1, 1, 2), (3, 0, 1), (2, -1, 0)])
def test_a_capacity_set_below_the_seats_follows_them_audited_and_listed(
    shared: Engine, number: int, wanted: int, becomes: int
) -> None:
    set_session(shared, number, f"capacity_max = {wanted}")
    assert rows(shared, f"SELECT capacity_max FROM session WHERE id = {number}") == [(becomes,)]
    assert rows(shared, "SELECT subject_id, reason, detail FROM audit_entry ORDER BY id")[-1] == (
        number,
        "set below the seats taken by the old code",
        {"from": wanted, "to": becomes},
    )
    assert findings(shared)[-1] == ("seats_within_capacity", number)


def test_a_session_of_negative_capacity_is_accepted_as_one_without_seats(shared: Engine) -> None:
    run(
        shared,
        "INSERT INTO session (id, group_class_id, start_at, end_at, capacity_max)"
        " VALUES (9, 1, '2030-01-05 10:00Z', '2030-01-05 11:00Z', -1)",
    )
    assert rows(shared, "SELECT capacity_max FROM session WHERE id = 9") == [(0,)]
    assert findings(shared)[-1] == ("seats_within_capacity", 9)


def test_an_end_before_the_start_is_set_one_second_after_it_and_listed(shared: Engine) -> None:
    run(
        shared,
        "INSERT INTO session (id, group_class_id, start_at, end_at, capacity_max)"
        " VALUES (9, 1, '2030-01-05 10:00Z', '2030-01-05 09:00Z', 1)",
    )
    set_session(shared, 3, "end_at = start_at")
    assert rows(shared, f"{TIMES} WHERE id IN (3, 9)") == [("10:00:00", "10:00:01")] * 2
    assert findings(shared)[-2:] == [("start_before_end", 9), ("start_before_end", 3)]
    assert broken_rules(shared) == []


@pytest.mark.parametrize("at_once", [True, False])
def test_the_old_code_may_move_the_end_first_and_the_start_after(
    shared: Engine, *, at_once: bool
) -> None:
    changes = ["end_at = '2030-01-02 08:00Z'", "start_at = '2030-01-02 07:00Z'"]
    for part in [changes] if at_once else [changes[:1], changes[1:]]:
        set_session(shared, 3, *part)
    assert rows(shared, f"{TIMES} WHERE id = 3") == [("07:00:00", "08:00:00")]
    assert broken_rules(shared) == []


def test_a_session_can_be_deleted_after_its_bookings_and_the_ledger_tells_of_it(
    shared: Engine,
) -> None:
    run(shared, "DELETE FROM booking WHERE session_id = 3", "DELETE FROM session WHERE id = 3")
    assert rows(shared, "SELECT change FROM seat_ledger WHERE session_id = 3 ORDER BY id") == [
        (1,),
        (-1,),
    ]
    assert seats(shared) == {1: 2}
    assert broken_rules(shared) == []


def test_a_class_of_negative_capacity_is_left_alone_until_the_contract(legacy: Engine) -> None:
    commands.upgrade(legacy, BESIDE_OLD_CODE)
    run(legacy, "UPDATE group_class SET capacity_max = -5 WHERE id = 1")
    assert rows(legacy, "SELECT capacity_max FROM group_class WHERE id = 1") == [(-5,)]
    commands.upgrade(legacy)
    assert rows(legacy, "SELECT capacity_max FROM group_class WHERE id = 1") == [(0,)]
    assert ("capacity_max", 1) in findings(legacy)
