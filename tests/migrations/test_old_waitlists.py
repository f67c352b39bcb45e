"""What the old code does beside those who wait, and who gets the seats that it frees."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, text

from migrations import commands
from tests.migrations.databases import BESIDE_OLD_CODE, broken_rules, rows, run, seats, waits_for

PROMOTIONS = """
SELECT job.session_id, job.request, job.lanes, place.lane, place.priority, job.submitted_by,
       job.user_id, place.submitted_at = job.submitted_at
FROM booking_job AS job JOIN job_queue AS place ON place.job_id = job.id
    AND place.arrival = job.arrival
WHERE kind = 'PROMOTE' AND status = 'QUEUED' ORDER BY job.session_id
"""
ENTRIES = "SELECT status, end_reason, user_id, group_class_id FROM waitlist_entry"
FREE_A_SEAT = "UPDATE booking SET status = 'CANCELLED' WHERE id = 2"
FULL_CLASS = "UPDATE session SET capacity_max = 0 WHERE id IN (2, 3)"
OPEN_PROMOTION = """
WITH job AS (
    INSERT INTO booking_job (id, kind, submitted_by, user_id, session_id, request, lanes,
                             submitted_at)
    VALUES (gen_random_uuid(), 'PROMOTE', 0, 0, 1, '{"session_id": 1}', '{1}', now())
    ON CONFLICT (session_id) WHERE kind = 'PROMOTE' AND status = 'QUEUED' DO NOTHING
    RETURNING *)
INSERT INTO job_queue (lane, priority, arrival, job_id, submitted_at)
    SELECT lanes[1], -1, arrival, id, submitted_at FROM job
"""


def promotion_into(session: int, lane: int = 1) -> tuple[Any, ...]:
    return (session, {"session_id": session}, [lane], lane, -1, 0, 0, True)


@pytest.fixture
def full(legacy: Engine) -> Engine:
    """Both codes at work; the sessions of class 1 are full."""
    commands.upgrade(legacy, BESIDE_OLD_CODE)
    run(legacy, FULL_CLASS)
    return legacy


@pytest.mark.parametrize("session", [1, None])
@pytest.mark.parametrize(
    "write",
    [
        FREE_A_SEAT,
        "DELETE FROM booking WHERE id = 2",
        "UPDATE booking SET session_id = 4 WHERE id = 2",
        "UPDATE session SET capacity_max = 3 WHERE id = 1",
        "UPDATE session SET capacity_max = 3 WHERE id = 1; DELETE FROM booking WHERE id = 2",
    ],
)
def test_a_seat_that_the_old_code_frees_goes_to_those_who_wait(
    full: Engine, session: int | None, write: str
) -> None:
    run(full, waits_for(session))
    run(full, write)
    assert rows(full, PROMOTIONS) == [promotion_into(1)]
    assert broken_rules(full) == []


def test_a_session_that_the_old_code_adds_goes_to_those_who_wait(full: Engine) -> None:
    run(full, waits_for(None))
    run(
        full,
        "INSERT INTO session (id, group_class_id, start_at, end_at, capacity_max)"
        " VALUES (9, 1, '2030-01-09 10:00Z', '2030-01-09 11:00Z', 1)",
    )
    assert rows(full, PROMOTIONS) == [promotion_into(9)]


@pytest.mark.parametrize(
    "write",
    [
        "UPDATE session SET status = 'SCHEDULED' WHERE id = 1",
        """
        UPDATE session SET start_at = '2030-02-01 10:00Z', end_at = '2030-02-01 11:00Z',
            status = 'SCHEDULED' WHERE id = 1
        """,
    ],
)
def test_a_session_that_the_old_code_holds_after_all_goes_to_those_who_wait(
    full: Engine, write: str
) -> None:
    run(full, waits_for(1))
    run(full, "UPDATE session SET status = 'CANCELLED' WHERE id = 1", FREE_A_SEAT)
    assert rows(full, PROMOTIONS) == []
    run(full, write)
    assert rows(full, PROMOTIONS) == [promotion_into(1)]


def test_a_session_with_a_seat_that_the_old_code_moves_goes_to_those_who_wait(
    full: Engine,
) -> None:
    run(full, FREE_A_SEAT, waits_for(1), "DELETE FROM job_queue; DELETE FROM booking_job")
    run(full, "UPDATE session SET end_at = '2030-01-01 11:15Z' WHERE id = 1")
    assert rows(full, PROMOTIONS) == [promotion_into(1)]


@pytest.mark.parametrize("group_class", [17, 32, -1])
def test_a_promotion_waits_in_the_lane_of_its_class(full: Engine, group_class: int) -> None:
    run(
        full,
        f"INSERT INTO group_class (id, name, teacher_id, capacity_max)"
        f" VALUES ({group_class}, 'Class', 1, 1)",
        waits_for(None),
        f"UPDATE waitlist_entry SET group_class_id = {group_class}",
        f"INSERT INTO session (id, group_class_id, start_at, end_at, capacity_max)"
        f" VALUES (9, {group_class}, '2030-01-09 10:00Z', '2030-01-09 11:00Z', 1)",
    )
    assert rows(full, PROMOTIONS) == [promotion_into(9, group_class % 16)]


@pytest.mark.parametrize(
    ("entry", "writes"),
    [
        # nobody waits any more, or for another session, or for another class
        (waits_for(1) + "; UPDATE waitlist_entry SET status = 'LEFT', ended_at = now()", []),
        (waits_for(2), []),
        ("SELECT", []),
        # the seat is taken again in the same transaction
        (waits_for(1), ["INSERT INTO booking (user_id, session_id) VALUES (1, 1)"]),
        (waits_for(1), ["UPDATE session SET capacity_max = 1 WHERE id = 1"]),
        (waits_for(1), ["UPDATE session SET status = 'CANCELLED' WHERE id = 1"]),
        (waits_for(1), ["UPDATE session SET start_at = '2020-01-01 10:00Z' WHERE id = 1"]),
        # nothing is freed
        (waits_for(1), ["UPDATE booking SET status = 'CONFIRMED' WHERE id = 2"]),
    ],
)
def test_where_nobody_waits_or_no_seat_is_left_nothing_is_promoted(
    full: Engine, entry: str, writes: list[str]
) -> None:
    run(full, entry)
    run(full, FREE_A_SEAT, *writes)
    assert rows(full, PROMOTIONS) == []


@pytest.mark.parametrize("job_first", [True, False])
def test_a_promotion_that_the_new_code_asks_for_itself_is_the_only_one(
    full: Engine, *, job_first: bool
) -> None:
    run(full, waits_for(1))
    deeds = [OPEN_PROMOTION, "UPDATE session SET capacity_max = 3 WHERE id = 1"]
    run(full, *(deeds if job_first else reversed(deeds)))
    assert rows(full, PROMOTIONS) == [promotion_into(1)]
    run(full, FREE_A_SEAT)
    assert rows(full, PROMOTIONS) == [promotion_into(1)]
    assert broken_rules(full) == []


def test_a_seat_freed_while_the_last_promotion_is_being_decided_is_promoted_into_again(
    full: Engine,
) -> None:
    run(full, waits_for(1), OPEN_PROMOTION)
    with ThreadPoolExecutor() as pool, full.begin() as decider:
        decider.execute(text("SELECT FROM session WHERE id = 1 FOR NO KEY UPDATE"))
        decider.execute(text("DELETE FROM job_queue"))
        decider.execute(
            text("UPDATE booking_job SET status = 'SUCCEEDED', decided_at = now(), result = '{}'")
        )
        freeing = pool.submit(run, full, FREE_A_SEAT)
        with pytest.raises(TimeoutError):
            freeing.result(timeout=0.5)
        decider.commit()
        freeing.result()
    assert rows(full, PROMOTIONS) == [promotion_into(1)]


@pytest.mark.parametrize(
    "write",
    [
        "DELETE FROM student_course_step_progress WHERE id = 1",
        """
        DELETE FROM student_course_step_progress WHERE id = 2;
        UPDATE student_course_step_progress SET course_step_id = 2 WHERE id = 1
        """,
        "DELETE FROM student_course_step_progress; DELETE FROM student_package",
        "DELETE FROM course_step_option WHERE id = 1",
        "DELETE FROM booking WHERE session_id = 1; DELETE FROM session WHERE id = 1",
    ],
)
def test_an_entry_goes_along_with_what_the_old_code_takes_away(full: Engine, write: str) -> None:
    run(full, waits_for(1))
    run(full, write)
    assert rows(full, ENTRIES) == []
    assert broken_rules(full, known=["progress_complete"]) == []


@pytest.mark.parametrize(
    ("write", "group_class"),
    [
        ("UPDATE session SET group_class_id = 2 WHERE id = 1", 2),
        (
            """
            DELETE FROM course_step_option WHERE id = 2;
            UPDATE course_step_option SET group_class_id = 2 WHERE id = 1
            """,
            1,
        ),
    ],
)
def test_an_entry_ends_when_its_option_means_its_session_no_more(
    full: Engine, write: str, group_class: int
) -> None:
    run(full, waits_for(1))
    run(full, write)
    assert rows(full, ENTRIES) == [("ENDED", "SESSION_CANCELLED", 2, group_class)]


def test_an_entry_goes_along_with_a_package_that_the_old_code_gives_away(full: Engine) -> None:
    run(full, waits_for(1))
    run(full, "UPDATE student_package SET user_id = 3 WHERE id = 1")
    assert rows(full, ENTRIES) == [("WAITING", None, 3, 1)]


def test_after_the_contract_only_the_new_code_promotes(full: Engine) -> None:
    run(full, waits_for(1))
    commands.upgrade(full)
    run(full, "UPDATE session SET capacity_max = 3 WHERE id = 1")
    assert rows(full, PROMOTIONS) == []
    commands.downgrade(full, "contract@-1")
    run(full, FREE_A_SEAT)
    assert rows(full, PROMOTIONS) == [promotion_into(1)]
    assert seats(full) == {1: 1}
