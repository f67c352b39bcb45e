"""When the contract refuses, and what it leaves behind."""

import re

import pytest
from alembic.util import CommandError
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from migrations import commands
from tests.documents.markdown import block
from tests.migrations.databases import (
    STEP_BOOKING,
    broken_rules,
    findings,
    rows,
    run,
    stands_at,
)

BOOKED_ALONE = """
UPDATE student_course_step_progress SET status = 'BOOKED', session_id = 1 WHERE id = 2
"""
UNBOOKED_WITH_BOOKING = """
ALTER TABLE student_course_step_progress DISABLE TRIGGER USER;
UPDATE student_course_step_progress SET status = 'UNBOOKED' WHERE id = 1;
ALTER TABLE student_course_step_progress ENABLE TRIGGER USER;
"""


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        ([BOOKED_ALONE], ["Booked steps without a booking: 1"]),
        ([UNBOOKED_WITH_BOOKING], ["Unbooked steps with a booking: 1"]),
        (
            [BOOKED_ALONE, UNBOOKED_WITH_BOOKING],
            ["Booked steps without a booking: 1", "Unbooked steps with a booking: 1"],
        ),
    ],
)
def test_the_contract_refuses_while_steps_and_bookings_disagree(
    shared: Engine, faults: list[str], told: list[str]
) -> None:
    run(shared, *faults)
    with pytest.raises(CommandError) as refusal:
        commands.upgrade(shared)
    assert re.findall(r"\w+ steps with\w* a booking: \d+", str(refusal.value)) == told
    assert stands_at(shared) == ["0008"]


def test_the_documented_query_lists_what_the_contract_refuses(shared: Engine) -> None:
    run(shared, BOOKED_ALONE, UNBOOKED_WITH_BOOKING)
    query = block("docs/migrations.md", "SELECT id, student_package_id").text
    assert [row.id for row in rows(shared, query)] == [1, 2]


def test_what_both_codes_have_written_comes_through_the_contract_and_back(shared: Engine) -> None:
    run(shared, "INSERT INTO booking (user_id, session_id) VALUES (3, 3), (2, 2)")
    commands.upgrade(shared)
    assert broken_rules(shared) == []
    commands.check(shared)
    commands.downgrade(shared, "contract@-1")
    run(shared, "UPDATE session SET group_class_id = 2 WHERE id = 3")
    run(shared, "UPDATE student_package SET user_id = 3 WHERE id = 1")
    run(shared, f"UPDATE booking SET status = 'CANCELLED' WHERE id = {STEP_BOOKING}")
    assert broken_rules(shared) == []


def test_what_the_old_code_could_still_write_is_refused_after_the_contract(shared: Engine) -> None:
    commands.upgrade(shared)
    for write in (
        "UPDATE booking SET status = 'CANCELLED' WHERE id = 4",
        "UPDATE session SET group_class_id = 2 WHERE id = 3",
        "UPDATE student_package SET user_id = 3 WHERE id = 1",
        "UPDATE group_class SET capacity_max = -1 WHERE id = 1",
        "UPDATE student_course_step_progress SET status = 'UNBOOKED' WHERE id = 1",
    ):
        with pytest.raises(IntegrityError):
            run(shared, write)


def test_progress_that_names_an_unknown_class_is_listed_and_emptied(legacy: Engine) -> None:
    run(legacy, "UPDATE student_course_step_progress SET session_id = 99 WHERE id = 1")
    commands.upgrade(legacy)
    assert rows(legacy, "SELECT group_class_id FROM student_course_step_progress WHERE id = 1") == [
        (None,)
    ]
    assert ("group_class_known", 1) in findings(legacy)
