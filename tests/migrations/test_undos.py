"""What an undo of a run takes away, and what it keeps."""

import pytest

from migrations import commands
from models.backfill.running import backfill
from models.backfill.undoing import ContractedError, NoSuchRunError
from models.booking_job import JobKind
from models.deciding import decide_lane
from models.lanes import lane_of
from models.round import Decider
from tests.migrations.databases import broken_rules, run
from tests.migrations.old_school import POLICY, SET_STATUS, STEPS, BrokenOffError, OldSchool, nobody
from tests.school import HOUR


def test_an_undo_leaves_everything_as_it_was_before_the_run(legacy_school: OldSchool) -> None:
    before = list(legacy_school.everything())
    summary = legacy_school.backfill()
    assert list(legacy_school.everything()) != before
    assert summary.run_id is not None

    rehearsed = legacy_school.undo(summary.run_id, dry=True)
    undone = legacy_school.undo(summary.run_id)

    assert (undone.undone, undone.kept) == (summary.linked, [])
    assert rehearsed.undone == undone.undone
    assert list(legacy_school.everything()) == before
    assert legacy_school.undo(summary.run_id).undone == 0


def test_an_undo_takes_one_run_back_and_no_other(old_school: OldSchool) -> None:
    course = old_school.course()
    first = old_school.old_student(course)
    run_id = old_school.backfill().run_id
    second = old_school.old_student(course)
    old_school.backfill()
    assert run_id is not None
    old_school.undo(run_id)
    assert (first.session, second.session) == (None, course.sessions[0])
    assert broken_rules(old_school.engine, known={"progress_booking"}) == []
    assert old_school.backfill().linked == 1


def test_an_undo_keeps_what_somebody_has_changed_since(old_school: OldSchool) -> None:
    course = old_school.course(sessions=2)
    changed, cancelled, attended, untouched = (old_school.old_student(course) for _ in range(4))
    run_id = old_school.backfill().run_id
    assert run_id is not None
    old_school.submit(
        changed.id,
        changed.package,
        course.step,
        course.option,
        course.sessions[1],
        kind=JobKind.CHANGE_STEP,
    )
    run(
        old_school.engine,
        SET_STATUS.format("UNBOOKED", cancelled.progress),
        SET_STATUS.format("COMPLETED", attended.progress),
    )
    _decide(old_school, course.group_class)
    assert changed.session == course.sessions[1]

    undone = old_school.undo(run_id)

    assert (undone.undone, len(undone.kept)) == (1, 3)
    assert changed.session == course.sessions[1]
    assert attended.session == course.sessions[0]
    assert untouched.session is None
    assert old_school.progress_of(cancelled.package, course.step)["status"] == "UNBOOKED"
    assert broken_rules(old_school.engine, known={"progress_booking"}) == []


def test_a_booking_that_the_database_doesnt_let_go_is_kept(old_school: OldSchool) -> None:
    course = old_school.course()
    kept, other = old_school.old_student(course), old_school.old_student(course)
    run_id = old_school.backfill().run_id
    booking = kept.booking
    assert run_id is not None
    assert booking is not None
    run(
        old_school.engine,
        "CREATE TABLE invoice (booking_id bigint REFERENCES booking)",
        f"INSERT INTO invoice VALUES ({booking['id']})",
    )
    assert old_school.undo(run_id).kept == [booking["id"]]
    assert (kept.session, other.session) == (course.sessions[0], None)


def test_seats_that_an_undo_frees_go_to_the_waitlist_first(old_school: OldSchool) -> None:
    course = old_school.course(capacity=1)
    old_school.old_student(course)
    run_id = old_school.backfill().run_id
    assert run_id is not None
    waiter = course.pupil()
    waiter.join(course.sessions[0])
    _decide(old_school, course.group_class)
    old_school.undo(run_id)
    _decide(old_school, course.group_class)
    assert waiter.booking() is not None


def test_a_run_that_was_undone_half_way_doesnt_go_on(legacy_school: OldSchool) -> None:
    def end(_: int) -> None:
        raise BrokenOffError

    with pytest.raises(BrokenOffError):
        backfill(legacy_school.engine, POLICY, legacy_school.now, on_found=nobody, on_rows=end)
    ((run_id,),) = legacy_school.rows("SELECT id FROM backfill_run")
    assert legacy_school.undo(run_id).undone > 0
    summary = legacy_school.backfill(legacy_school.now + HOUR)
    assert (summary.run_id != run_id, summary.before) == (True, STEPS)


def test_there_is_no_way_back_after_the_contract(old_school: OldSchool) -> None:
    student = old_school.old_student(old_school.course())
    run_id = old_school.backfill().run_id
    assert run_id is not None
    commands.upgrade(old_school.engine)
    with pytest.raises(ContractedError):
        old_school.undo(run_id)
    assert student.session is not None
    commands.downgrade(old_school.engine, "contract@-1")
    assert old_school.undo(run_id).undone == 1


def test_an_unknown_run_cannot_be_undone(old_school: OldSchool) -> None:
    with pytest.raises(NoSuchRunError):
        old_school.undo(1)


def _decide(school: OldSchool, group_class: int) -> None:
    decider = Decider(school.engine, lambda: school.now + HOUR, POLICY)
    decide_lane(decider, lane_of(group_class))
    decide_lane(decider, lane_of(group_class))
