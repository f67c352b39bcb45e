"""An undo beside a run, another undo, and the old code: no more than the run made, and no less."""

import threading

import pytest

from models.backfill.running import backfill
from models.backfill.runs import RunUndoneError
from models.backfill.undoing import Undone, undo
from tests.migrations.databases import broken_rules, run
from tests.migrations.old_school import POLICY, STEPS, BrokenOffError, OldSchool, nobody
from tests.school import HOUR

OUTCOMES = "SELECT outcome, count(*) FROM backfill_row WHERE outcome <> 'LEFT' GROUP BY outcome"


def end(_: int) -> None:
    raise BrokenOffError


def test_a_run_that_is_taken_back_meanwhile_links_nothing_more(legacy_school: OldSchool) -> None:
    undone: list[Undone] = []

    def take_back(_: int) -> None:
        undone.append(legacy_school.undo(1))

    with pytest.raises(RunUndoneError):
        backfill(
            legacy_school.engine, POLICY, legacy_school.now, on_found=nobody, on_rows=take_back
        )
    assert legacy_school.rows(OUTCOMES) == [("UNDONE", undone[0].undone)]
    assert legacy_school.rows("SELECT FROM student_course_step_progress WHERE booking_id > 0") == []


def test_an_undo_that_was_broken_off_goes_on_and_the_run_does_not(
    legacy_school: OldSchool,
) -> None:
    batches: list[int] = []

    def end_after_three(size: int) -> None:
        batches.append(size)
        if len(batches) == 3:
            raise BrokenOffError

    with pytest.raises(BrokenOffError):
        backfill(
            legacy_school.engine,
            POLICY,
            legacy_school.now,
            on_found=nobody,
            on_rows=end_after_three,
        )
    with pytest.raises(BrokenOffError):
        undo(
            legacy_school.engine,
            1,
            POLICY,
            legacy_school.now,
            dry=False,
            on_found=nobody,
            on_rows=end,
        )
    assert {outcome for outcome, _ in legacy_school.rows(OUTCOMES)} == {"LINKED", "UNDONE"}

    summary = legacy_school.backfill(legacy_school.now + HOUR)
    assert (summary.run_id, summary.went_on) == (2, False)
    assert summary.linked + summary.left.total() == summary.before
    legacy_school.undo(1)
    assert broken_rules(legacy_school.engine, known={"progress_booking"}) == []
    assert legacy_school.backfill(legacy_school.now + HOUR).linked == STEPS - summary.before


def test_a_run_that_linked_nothing_yet_can_be_taken_back(old_school: OldSchool) -> None:
    old_school.old_student(old_school.course())
    with pytest.raises(BrokenOffError):
        backfill(old_school.engine, POLICY, old_school.now, on_found=end, on_rows=nobody)
    assert old_school.undo(1).undone == 0
    assert old_school.backfill(old_school.now + HOUR).run_id == 2


def test_two_undos_at_once_share_the_work(legacy_school: OldSchool) -> None:
    linked = legacy_school.backfill().linked
    undone: list[Undone] = []
    threads = [
        threading.Thread(target=lambda: undone.append(legacy_school.undo(1))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [one.kept for one in undone] == [[], []]
    assert sum(one.undone for one in undone) == linked
    assert legacy_school.rows(OUTCOMES) == [("UNDONE", linked)]


def test_a_booking_that_the_old_code_moved_is_kept(old_school: OldSchool) -> None:
    course = old_school.course(sessions=2)
    student = old_school.old_student(course)
    old_school.backfill()
    booking = student.booking
    assert booking is not None
    old_school.change("booking", booking["id"], session_id=course.sessions[1])
    assert old_school.undo(1).kept == [booking["id"]]
    assert student.session == course.sessions[1]


def test_a_booking_that_the_database_kept_is_tried_again(old_school: OldSchool) -> None:
    student = old_school.old_student(old_school.course())
    old_school.backfill()
    booking = student.booking
    assert booking is not None
    run(
        old_school.engine,
        "CREATE TABLE invoice (booking_id bigint REFERENCES booking)",
        f"INSERT INTO invoice VALUES ({booking['id']})",
    )
    assert old_school.undo(1).kept == [booking["id"]]
    run(old_school.engine, "DROP TABLE invoice")
    assert old_school.undo(1).undone == 1
    assert student.session is None
