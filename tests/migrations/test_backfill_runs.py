"""A run of the backfill is done once, goes on where it was, and can be rehearsed."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError

from migrations import commands
from models.backfill import batching
from models.backfill.running import REFUSED, backfill
from tests.migrations.databases import broken_rules, run, stands_at
from tests.migrations.old_school import POLICY, SET_STATUS, STEPS, BrokenOffError, OldSchool, nobody
from tests.processes import until
from tests.school import DAY, HOUR

SEAT_TAKEN_AGAIN = """
INSERT INTO seat_ledger (session_id, booking_id, change, cause)
SELECT session_id, id, 1, 'BACKFILL' FROM booking
"""


def test_every_old_step_is_linked_as_the_plan_says_or_left_for_a_reason_that_holds(
    legacy_school: OldSchool,
) -> None:
    summary = legacy_school.backfill()

    assert summary.before == STEPS
    assert summary.linked + summary.left.total() == STEPS
    assert summary.after == summary.left.total()
    assert (summary.changed_meanwhile, summary.unseen) == (0, 0)
    assert legacy_school.rows(_NOT_THE_ONE_MEANT, now=legacy_school.now) == []
    assert {"session_full", "group_class_unknown", "package_inactive"} <= set(summary.left)
    assert legacy_school.rows(_LEFT_BESIDE_A_FREE_SEAT, now=legacy_school.now) == []
    assert set(broken_rules_but_left(legacy_school)) == set()


def test_run_again_it_links_nothing_twice_and_finds_the_same_left(
    legacy_school: OldSchool,
) -> None:
    first = legacy_school.backfill()
    before = list(legacy_school.everything())
    again = legacy_school.backfill(legacy_school.now + timedelta(seconds=1))
    assert again.run_id != first.run_id
    assert (again.before, again.linked) == (first.left.total(), 0)
    assert legacy_school.left(again) == legacy_school.left(first)
    assert list(legacy_school.everything()) == before


def test_where_every_step_is_linked_there_is_nothing_to_do(old_school: OldSchool) -> None:
    old_school.old_student(old_school.course())
    old_school.backfill()
    nothing = backfill(old_school.engine, POLICY, old_school.now, on_found=nobody, on_rows=nobody)
    assert nothing is None


def test_a_dry_run_says_what_a_run_would_do_and_leaves_nothing(legacy_school: OldSchool) -> None:
    before = list(legacy_school.everything())
    rehearsed = legacy_school.rehearse()
    assert list(legacy_school.everything()) == before
    assert legacy_school.rows("SELECT * FROM backfill_run") == []

    done = legacy_school.backfill()
    assert (rehearsed.before, rehearsed.linked) == (done.before, done.linked)
    assert legacy_school.left(rehearsed) == legacy_school.left(done)


def test_what_is_left_is_looked_at_again_by_the_next_run(old_school: OldSchool) -> None:
    course = old_school.course(capacity=0)
    student = old_school.old_student(course)
    assert old_school.left(old_school.backfill()) == {student.progress: "session_full"}
    old_school.change("session", course.sessions[0], capacity_max=1)
    assert old_school.backfill().linked == 1
    assert student.session == course.sessions[0]


def test_broken_off_it_goes_on_with_its_own_now(legacy_school: OldSchool) -> None:
    now = legacy_school.now

    def end(_: int) -> None:
        raise BrokenOffError

    with pytest.raises(BrokenOffError):
        backfill(legacy_school.engine, POLICY, now, on_found=nobody, on_rows=end)
    ((linked,),) = legacy_school.rows("SELECT count(*) FROM booking WHERE student_package_id > 0")
    assert 0 < linked < STEPS

    found: list[int] = []
    later = now + timedelta(seconds=1)
    summary = backfill(legacy_school.engine, POLICY, later, on_found=found.append, on_rows=nobody)
    assert summary is not None
    assert (summary.now, summary.went_on, summary.before) == (now, True, STEPS)
    assert sum(found[:1]) < STEPS
    assert summary.linked + summary.left.total() == STEPS
    assert summary.faults == []
    assert legacy_school.rows(_NOT_THE_ONE_MEANT, now=now) == []


def test_a_session_that_began_before_the_run_went_on_is_not_booked_any_more(
    old_school: OldSchool,
) -> None:
    course = old_school.course(sessions=2)
    first, second = old_school.old_student(course), old_school.old_student(course)
    # as if the run had been broken off before it came to the first batch
    run(
        old_school.engine,
        f"INSERT INTO backfill_run (now, steps_before) VALUES ('{old_school.now}', 2)",
    )
    summary = old_school.backfill(old_school.now + 3 * DAY)
    assert set(old_school.left(summary).values()) == {"session_started"}
    assert (first.session, second.session) == (None, None)


def test_two_at_once_share_the_work(legacy_school: OldSchool) -> None:
    summaries = []

    def do() -> None:
        summaries.append(legacy_school.backfill())

    threads = [threading.Thread(target=do) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(summaries) == 2
    assert legacy_school.rows("SELECT count(*) FROM backfill_run") == [(1,)]
    linked = max(summary.linked for summary in summaries)
    assert legacy_school.rows("SELECT count(booking_id) FROM student_course_step_progress") == [
        (linked,)
    ]
    assert broken_rules_but_left(legacy_school) == []


def test_what_the_old_code_does_meanwhile_is_minded(old_school: OldSchool) -> None:
    course, other = old_school.course(), old_school.course()
    kept, unbooked, repointed = (old_school.old_student(course) for _ in range(3))
    _, package = course.enrol_one()

    def old_code_goes_on(_: int) -> None:
        if old_school.progress_of(package, course.step)["status"] == "BOOKED":
            return
        old_school.old_booking(package, course.step, course.group_class)
        run(
            old_school.engine,
            "UPDATE student_course_step_progress SET status = 'UNBOOKED', session_id = NULL"
            f" WHERE id = {unbooked.progress}",
            f"UPDATE student_course_step_progress SET session_id = {other.group_class}"
            f" WHERE id = {repointed.progress}",
        )

    summary = backfill(
        old_school.engine, POLICY, old_school.now, on_found=old_code_goes_on, on_rows=nobody
    )
    assert summary is not None
    # of four that were there or came, one went
    assert (summary.before, summary.linked, summary.after) == (3, 3, 0)
    assert (kept.session, unbooked.session) == (course.sessions[0], None)
    assert repointed.session == other.sessions[0]
    assert old_school.progress_of(package, course.step)["booking_id"] is not None
    assert broken_rules(old_school.engine) == []


def test_a_locked_row_is_waited_for(old_school: OldSchool) -> None:
    student = old_school.old_student(course := old_school.course())
    thread = threading.Thread(target=old_school.backfill)
    tries: set[Any] = set()

    def is_tried_again() -> bool:
        tries.update(old_school.rows(_WAITING))
        return len(tries) > 1

    with old_school.engine.connect() as db:
        db.execute(text(f"SELECT FROM group_class WHERE id = {course.group_class} FOR UPDATE"))
        thread.start()
        until(is_tried_again, 20, "a second attempt")
        db.rollback()
    thread.join(30)
    assert student.session == course.sessions[0]


def test_what_stays_locked_ends_the_run_and_the_next_call_goes_on_with_it(
    old_school: OldSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_school.old_student(course := old_school.course())
    monkeypatch.setattr(batching, "ATTEMPTS", 2)
    monkeypatch.setattr(batching, "LOCK_TIMEOUT", "50ms")
    with old_school.engine.connect() as db:
        db.execute(text(f"SELECT FROM group_class WHERE id = {course.group_class} FOR UPDATE"))
        with pytest.raises(OperationalError, match="lock timeout"):
            old_school.backfill()
        db.rollback()
    summary = old_school.backfill(old_school.now + HOUR)
    assert (summary.run_id, summary.went_on, summary.linked) == (1, True, 1)


def test_a_step_that_the_old_code_has_locked_keeps_nobody_waiting(
    old_school: OldSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # whoever waits for it waits until the statement is cancelled
    monkeypatch.setattr(batching, "LOCK_TIMEOUT", "10min")
    course = old_school.course()
    locked, other = old_school.old_student(course), old_school.old_student(course)
    with old_school.engine.connect() as db:
        # as the old code does, which may go on and book a seat of the same session
        db.execute(text(SET_STATUS.format("BOOKED", locked.progress)))
        summary = old_school.backfill()
        assert (summary.linked, summary.after, summary.unseen) == (1, 1, 1)
        assert other.session == course.sessions[0]
        db.commit()
    assert old_school.backfill().linked == 1
    assert locked.session == course.sessions[0]


def test_a_link_that_the_old_code_undoes_meanwhile_is_for_the_next_run(
    old_school: OldSchool,
) -> None:
    student = old_school.old_student(course := old_school.course())

    def book_anew(_: int) -> None:
        run(old_school.engine, SET_STATUS.format("UNBOOKED", student.progress))
        old_school.old_booking(student.package, student.step, course.group_class)

    summary = backfill(
        old_school.engine, POLICY, old_school.now, on_found=nobody, on_rows=book_anew
    )
    assert summary is not None
    assert (summary.before, summary.after, summary.unseen) == (1, 1, 1)
    assert old_school.backfill().linked == 1


@pytest.mark.parametrize("never", ["booked_at", "expires_at"])
def test_a_date_that_cannot_be_read_keeps_no_other_step_from_being_linked(
    old_school: OldSchool, never: str
) -> None:
    course = old_school.course()
    strange, other = old_school.old_student(course), old_school.old_student(course)
    table = {"booked_at": "student_course_step_progress", "expires_at": "student_package"}[never]
    row = {"booked_at": strange.progress, "expires_at": strange.package}[never]
    run(old_school.engine, f"UPDATE {table} SET {never} = 'infinity' WHERE id = {row}")
    summary = old_school.backfill()
    assert old_school.left(summary) == {strange.progress: REFUSED}
    assert summary.left_steps[0]["detail"] == "DataError"
    assert other.session == course.sessions[0]


def test_a_step_that_the_database_refuses_keeps_no_other_from_being_linked(
    old_school: OldSchool,
) -> None:
    course = old_school.course()
    refused, other = old_school.old_student(course), old_school.old_student(course)
    run(
        old_school.engine,
        f"ALTER TABLE booking ADD CONSTRAINT of_the_house CHECK (user_id <> {refused.id})",
    )
    assert old_school.left(old_school.rehearse()) == {refused.progress: REFUSED}
    summary = old_school.backfill()
    assert old_school.left(summary) == {refused.progress: REFUSED}
    assert summary.left_steps[0]["detail"] == "of_the_house"
    assert other.session == course.sessions[0]


def test_a_dry_run_finds_what_only_a_commit_would_refuse(old_school: OldSchool) -> None:
    course = old_school.course()
    refused, other = old_school.old_student(course), old_school.old_student(course)
    run(
        old_school.engine,
        "CREATE TABLE member (user_id bigint PRIMARY KEY)",
        f"INSERT INTO member SELECT id FROM user_account WHERE id <> {refused.id}",
        "ALTER TABLE booking ADD CONSTRAINT of_members FOREIGN KEY (user_id) REFERENCES member"
        " DEFERRABLE INITIALLY DEFERRED",
    )
    assert old_school.left(old_school.rehearse()) == {refused.progress: REFUSED}
    assert old_school.left(old_school.backfill()) == {refused.progress: REFUSED}
    assert other.session == course.sessions[0]


@pytest.mark.parametrize("dry", [True, False])
def test_a_right_that_the_role_has_not_is_no_fault_of_the_steps(
    old_school: OldSchool, *, dry: bool
) -> None:
    old_school.old_student(old_school.course())
    run(old_school.engine, "REVOKE INSERT ON booking FROM CURRENT_USER")
    with pytest.raises(ProgrammingError, match="permission denied for table booking"):
        old_school.rehearse() if dry else old_school.backfill()
    run(old_school.engine, "GRANT INSERT ON booking TO CURRENT_USER")
    assert old_school.rows("SELECT * FROM backfill_row") == []
    assert old_school.backfill().linked == 1


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        (SEAT_TAKEN_AGAIN, "backfill_ledger"),
        ("UPDATE session SET seats_taken = seats_taken + 1", "backfill_seats"),
        ("UPDATE backfill_row SET course_step_id = 0", "backfill_links"),
    ],
)
def test_what_doesnt_add_up_in_the_end_is_a_fault(
    old_school: OldSchool, tampering: str, fault: str
) -> None:
    old_school.old_student(old_school.course())
    summary = backfill(
        old_school.engine,
        POLICY,
        old_school.now,
        on_found=nobody,
        on_rows=lambda _: run(old_school.engine, tampering),
    )
    assert summary is not None
    assert [line.split()[:2] for line in summary.faults] == [["violation", fault]]


def test_runs_and_undos_are_audited(old_school: OldSchool) -> None:
    old_school.old_student(old_school.course())
    run_id = old_school.backfill().run_id
    assert run_id is not None
    old_school.undo(run_id)
    assert old_school.rows(
        "SELECT action, subject, subject_id, detail FROM audit_entry ORDER BY id"
    ) == [
        ("backfill", "backfill_run", run_id, {"linked": 1, "left": {}}),
        ("backfill_undo", "backfill_run", run_id, {"undone": 1, "kept": 0}),
    ]


def test_the_contract_asks_for_what_the_backfill_does(old_school: OldSchool) -> None:
    old_school.old_student(old_school.course())
    with pytest.raises(Exception, match="flask --app app backfill-bookings"):
        commands.upgrade(old_school.engine)
    old_school.backfill()
    commands.upgrade(old_school.engine)
    assert stands_at(old_school.engine) == ["0004", "0008"]
    assert broken_rules(old_school.engine) == []


def broken_rules_but_left(school: OldSchool) -> list[str]:
    """What else is broken than that some steps have no booking."""
    return broken_rules(school.engine, known={"progress_booking"})


_WAITING = """
SELECT pid, xact_start FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
_MEANT = """
WITH row AS (
    SELECT backfill_row.*, booking.session_id AS seated_in, coalesce(
        (SELECT pinned.id FROM student_package AS package
         JOIN course_cohort_session AS pin USING (course_cohort_id)
         JOIN course_step_option AS option ON option.id = pin.course_step_option_id
         JOIN session AS pinned ON pinned.id = pin.session_id
         WHERE package.id = backfill_row.student_package_id
           AND option.course_step_id = backfill_row.course_step_id
           AND option.group_class_id = backfill_row.group_class_id
           AND pinned.status = 'SCHEDULED' AND pinned.start_at > :now),
        (SELECT next.id FROM session AS next
         WHERE next.group_class_id = backfill_row.group_class_id
           AND next.status = 'SCHEDULED' AND next.start_at > :now
         ORDER BY next.start_at LIMIT 1)) AS meant_id
    FROM backfill_row LEFT JOIN booking ON booking.id = backfill_row.booking_id
)
"""
"""The plan's rule once more, in the words of the plan."""
_NOT_THE_ONE_MEANT = f"""{_MEANT}
SELECT progress_id, seated_in, meant_id FROM row
WHERE outcome = 'LINKED' AND seated_in IS DISTINCT FROM meant_id
"""
_LEFT_BESIDE_A_FREE_SEAT = f"""{_MEANT}
SELECT progress_id, meant_id FROM row JOIN session ON session.id = meant_id
WHERE code = 'session_full' AND seats_taken < capacity_max
"""
