"""The main line and the contract: in any order the same, each taken back without the other."""

import pytest
from alembic.util import CommandError
from sqlalchemy import Engine, text

from migrations import commands
from migrations.standing import is_migrated
from models.schema import metadata
from tests.migrations.databases import BESIDE_OLD_CODE, rows, run, send_everything, stands_at
from tests.migrations.schema import schema_of, tables_of, what_stays_of_calendars

ORDERS = [
    ("0003", "0004", "0005", "0006", "0007", "0008"),
    ("0003", "0005", "0004", "0006", "0007", "0008"),
    ("0003", "0005", "0006", "0004", "0007", "0008"),
    ("0003", "0005", "0006", "0007", "0004", "0008"),
    ("0003", "0005", "0006", "0007", "0008", "0004"),
]
WAITING_STAFF_JOB = """
INSERT INTO booking_job (id, kind, submitted_by, user_id, request, lanes, submitted_at)
    VALUES (gen_random_uuid(), 'CANCEL_SESSION', 1, 1, '{}', '{1}', now())
"""
DECIDED_STAFF_JOB = """
INSERT INTO booking_job (id, kind, status, submitted_by, user_id, request, lanes, submitted_at,
                         decided_at, result)
    VALUES (gen_random_uuid(), 'CANCEL_SESSION', 'SUCCEEDED', 1, 1, '{}', '{1}', now(), now(), '{}')
"""


@pytest.mark.parametrize("order", ORDERS)
def test_in_either_order_the_tables_are_what_the_models_say_to_the_letter(
    bare: Engine, order: tuple[str, ...]
) -> None:
    metadata.create_all(bare)
    run(bare, "CREATE TABLE alembic_version (version_num text)")
    wanted = tables_of(bare)
    run(bare, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    for revision in order:
        commands.upgrade(bare, revision)
    assert tables_of(bare) == wanted
    commands.check(bare)


@pytest.mark.parametrize("order", ORDERS)
def test_each_branch_taken_back_leaves_the_schema_as_it_was_before_it(
    bare: Engine, order: tuple[str, ...]
) -> None:
    before = []
    for revision in order:
        commands.upgrade(bare, revision)
        before.append(schema_of(bare))
    *others, last = ("contract@-1" if revision == "0004" else "expand@-1" for revision in order[1:])
    commands.downgrade(bare, last)
    stays = what_stays_of_calendars(before[-1])
    assert schema_of(bare) == before[-2] | stays
    commands.upgrade(bare, order[-1])
    assert schema_of(bare) == before[-1]
    # the oldest of its branch goes last
    for step in sorted((*others, last)):
        commands.downgrade(bare, step)
    assert stands_at(bare) == ["0003"]
    assert schema_of(bare) == before[0] | stays


def test_beside_the_old_code_there_are_the_same_triggers_whichever_way_it_came_there(
    bare: Engine,
) -> None:
    commands.upgrade(bare, BESIDE_OLD_CODE)
    wanted = schema_of(bare)
    commands.downgrade(bare, "0003")
    commands.upgrade(bare, "0004")
    commands.upgrade(bare, BESIDE_OLD_CODE)
    commands.downgrade(bare, "contract@-1")
    assert schema_of(bare) == wanted


@pytest.mark.parametrize("everything", ["head", "heads"])
def test_everything_is_the_main_line_and_the_contract(legacy: Engine, everything: str) -> None:
    commands.upgrade(legacy, everything)
    assert stands_at(legacy) == commands.newest() == ["0004", "0008"]


def test_where_the_contract_refuses_the_application_can_run_all_the_same(legacy: Engine) -> None:
    run(legacy, "UPDATE student_course_step_progress SET status = 'BOOKED' WHERE id = 1")
    with pytest.raises(CommandError, match="Booked steps without a booking: 1"):
        commands.upgrade(legacy)
    assert stands_at(legacy) == ["0008"]


@pytest.mark.parametrize(
    ("stamped", "migrated"),
    [
        ([], False),
        (["0003"], False),
        (["0004"], False),
        (["0005"], False),
        (["0004", "0005"], False),
        (["0006"], True),
        (["0004", "0006"], True),
        (["0099"], True),
        (["0004", "0099"], True),
    ],
)
def test_the_application_runs_from_0006_on_and_on_what_a_later_release_made(
    bare: Engine, stamped: list[str], *, migrated: bool
) -> None:
    run(bare, "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
    run(bare, *(f"INSERT INTO alembic_version VALUES ('{revision}')" for revision in stamped))
    with bare.connect() as db:
        assert is_migrated(db) is migrated


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        ("heads", "-1", ["0008"]),
        ("heads", "contract@-1", ["0008"]),
        ("heads", "expand@-1", ["0004", "0007"]),
        ("heads", "expand@-2", ["0004", "0006"]),
        ("heads", "expand@-3", ["0004", "0005"]),
        ("heads", "expand@-4", ["0004"]),
        ("0004", "-1", ["0003"]),
        ("0005", "-1", ["0003"]),
        ("0005", "-2", ["0002"]),
        ("heads", "0003", ["0003"]),
        ("heads", "0002", ["0002"]),
        ("heads", "base", []),
    ],
)
def test_one_step_down_is_the_contract_before_the_main_line(
    bare: Engine, before: str, step: str, after: list[str]
) -> None:
    commands.upgrade(bare, before)
    commands.downgrade(bare, step)
    assert stands_at(bare) == after


@pytest.mark.parametrize(
    ("before", "step"),
    [
        ("heads", "-2"),
        ("heads", "contract@-2"),
        ("heads", "expand@-5"),
        ("0005", "contract@-1"),
        ("0004", "expand@-1"),
        ("0003", "contract@-1"),
        ("0003", "expand@-1"),
        ("0002", "nonsense@-1"),
    ],
)
def test_no_step_down_a_branch_goes_below_the_fork(bare: Engine, before: str, step: str) -> None:
    commands.upgrade(bare, before)
    stood_at = stands_at(bare)
    with pytest.raises(CommandError, match="can go back") as refusal:
        commands.downgrade(bare, step)
    assert len(str(refusal.value).splitlines()) == 1
    assert stands_at(bare) == stood_at


@pytest.mark.parametrize(
    ("before", "after"),
    [("0002", ["0003"]), ("0003", ["0005"]), ("0004", ["0004", "0005"]), ("0006", ["0007"])],
)
def test_one_step_up_is_one_of_the_main_line(bare: Engine, before: str, after: list[str]) -> None:
    commands.upgrade(bare, before)
    commands.upgrade(bare, "+1")
    assert stands_at(bare) == after


@pytest.mark.parametrize("target", ["0003", "0002", "expand@-4"])
def test_no_job_that_waits_is_left_to_a_release_that_does_not_know_it(
    shared: Engine, target: str
) -> None:
    commands.upgrade(shared)
    send_everything(shared)
    run(shared, WAITING_STAFF_JOB)
    with pytest.raises(CommandError, match=r"jobs to decide.*: 1"):
        commands.downgrade(shared, target)
    assert stands_at(shared) == ["0004", "0008"]


def test_decided_jobs_that_an_earlier_release_does_not_know_are_kept(shared: Engine) -> None:
    run(shared, DECIDED_STAFF_JOB)
    commands.downgrade(shared, "0003")
    kinds = "SELECT kind FROM booking_job ORDER BY arrival"
    assert rows(shared, kinds) == [("BOOK_STEP",), ("CANCEL_SESSION",)]
    with shared.connect() as db, pytest.raises(Exception, match="ck_booking_job_kind"):
        db.execute(text(DECIDED_STAFF_JOB.replace("CANCEL_SESSION", "PROMOTE")))
    commands.upgrade(shared, BESIDE_OLD_CODE)
    assert rows(shared, kinds) == [("BOOK_STEP",), ("CANCEL_SESSION",)]
