"""Which jobs are decided together, and who has to wait; no database."""

from typing import Any
from uuid import UUID

import pytest

from models.booking_job import JobKind
from models.desk import Job, Seats
from models.judging_batch import NEWCOMERS, Judged, judge_batch
from models.lanes import LANES, lane_of
from models.laying_desk import LaidDesk
from models.refusal import RefusalCode
from models.scope import Scope, Scopes
from models.turns import Behind
from models.use_cases import USE_CASES, first_batch
from tests.models.rules.situation import (
    CLASS,
    OTHER,
    OTHER_CLASS,
    PACKAGE,
    STAFF,
    Situation,
    code,
    reads,
    refusal,
    result,
)

BOOK = JobKind.BOOK_STEP
BY_ITSELF = [
    JobKind.CANCEL_SESSION,
    JobKind.MOVE_SESSION,
    JobKind.SET_CAPACITY,
    JobKind.CANCEL_PACKAGE,
]


def jobs(*kinds: JobKind, packages: list[int | None] | None = None) -> list[Job]:
    """Jobs of these kinds, each of a package of its own unless told otherwise."""
    situation = Situation()
    of = packages or list(range(31, 31 + len(kinds)))
    return [
        situation.job(kind, fields={"student_package_id": package})
        for kind, package in zip(kinds, of, strict=True)
    ]


def test_every_kind_of_job_has_its_use_case() -> None:
    assert set(USE_CASES) == set(JobKind)


def test_ordinary_jobs_are_decided_together() -> None:
    listed = jobs(*(kind for kind in JobKind if kind not in BY_ITSELF))
    assert first_batch(listed) == listed
    assert first_batch([]) == []


@pytest.mark.parametrize("kind", BY_ITSELF)
def test_what_may_be_a_dry_run_is_decided_by_itself(kind: JobKind) -> None:
    listed = jobs(kind, BOOK)
    assert first_batch(listed) == listed[:1]
    listed = jobs(BOOK, BOOK, kind, BOOK)
    assert first_batch(listed) == listed[:2]
    listed = jobs(BOOK, kind)
    assert first_batch(listed) == listed[:1]


def test_a_bulk_booking_comes_after_the_others_of_its_package() -> None:
    listed = jobs(BOOK, JobKind.BULK_BOOK, BOOK, packages=[31, 31, 32])
    assert first_batch(listed) == listed[:1]
    listed = jobs(BOOK, BOOK, JobKind.BULK_BOOK, packages=[31, 32, 31])
    assert first_batch(listed) == listed[:2]


def test_a_bulk_booking_of_another_package_is_decided_with_the_others() -> None:
    listed = jobs(BOOK, JobKind.BULK_BOOK, BOOK, packages=[31, 32, 32])
    assert first_batch(listed) == listed


def test_two_bulk_bookings_of_a_package_are_decided_one_after_the_other() -> None:
    listed = jobs(JobKind.BULK_BOOK, JobKind.BULK_BOOK, packages=[31, 31])
    assert first_batch(listed) == listed[:1]


@pytest.mark.parametrize(
    ("group_class", "lane"), [(None, 0), (0, 0), (1, 1), (15, 15), (16, 0), (35, 3)]
)
def test_a_class_has_the_lane_of_its_number(group_class: int | None, lane: int) -> None:
    assert LANES == 16
    assert lane_of(group_class) == lane


def test_behind_one_that_waits_those_wait_who_compete_for_its_class_or_package() -> None:
    behind = Behind()
    first, same_package, other = jobs(BOOK, BOOK, BOOK, packages=[31, 31, 32])
    behind.add(first, Scope(class_ids={51, 52}))

    assert behind.blocks(same_package, Scope())
    assert behind.blocks(other, Scope(class_ids={52, 53}))
    assert not behind.blocks(other, Scope(class_ids={53}))


def test_classes_add_up_behind_those_that_wait() -> None:
    behind = Behind()
    first, second, third = jobs(BOOK, BOOK, BOOK)
    behind.add(first, Scope(class_ids={51}))
    behind.add(second, Scope(class_ids={52}))

    assert behind.blocks(third, Scope(class_ids={51}))
    assert behind.blocks(third, Scope(class_ids={52}))


def test_behind_one_whose_row_is_locked_only_its_own_package_waits() -> None:
    behind = Behind()
    first, same_package, other = jobs(BOOK, BOOK, BOOK, packages=[31, 31, 32])
    behind.add_left(first)

    assert behind.leaves(same_package)
    assert not behind.leaves(other)
    assert not behind.blocks(other, Scope(class_ids={51}))


def test_jobs_without_a_package_do_not_wait_for_each_other_for_that() -> None:
    behind = Behind()
    first, second = jobs(JobKind.PROMOTE, JobKind.PROMOTE, packages=[None, None])
    behind.add_left(first)
    assert not behind.leaves(second)


class Batch(Situation):
    """Jobs of a lane, with what each has locked, to be judged together."""

    def judge(
        self,
        *batch: Job,
        missing: tuple[Job, ...] = (),
        gone: tuple[Job, ...] = (),
        classes: dict[UUID, set[int]] | None = None,
        patient: bool = True,
    ) -> Judged:
        known = classes or {}
        scopes = Scopes(
            {
                job.id: Scope(class_ids=known.get(job.id, {CLASS}))
                for job in batch
                if job not in gone
            }
        )
        laid = LaidDesk(self.desk, [job for job in batch if job not in (*missing, *gone)], scopes)
        return judge_batch(laid, list(batch), patient=patient)

    def newcomer(self, session: Seats | None, package: int = PACKAGE, **asked: Any) -> Job:
        step = self.step(package=package, user=package)
        option = self.option(step)
        return self.job(asked.pop("kind", BOOK), step, option, session, **asked)


def test_jobs_are_judged_in_their_order() -> None:
    batch = Batch()
    session = batch.session(capacity=1)
    first, second = batch.newcomer(session), batch.newcomer(session, 32)
    judged = batch.judge(first, second)

    assert [verdict.job for verdict in judged.verdicts] == [first, second]
    assert [verdict.status for verdict in judged.verdicts] == ["SUCCEEDED", "REFUSED"]
    assert (judged.left, judged.waiting) == (set(), set())


def test_who_is_not_there_any_more_is_passed_over() -> None:
    batch = Batch()
    session = batch.session()
    gone, next_one = batch.newcomer(session), batch.newcomer(session)
    judged = batch.judge(gone, next_one, gone=(gone,))

    assert [verdict.job for verdict in judged.verdicts] == [next_one]
    assert (judged.left, judged.waiting) == (set(), set())


def test_who_needs_a_row_that_is_locked_is_left_and_only_their_package_waits() -> None:
    batch = Batch()
    session = batch.session()
    locked, other = batch.newcomer(session), batch.newcomer(session, 32)
    same_package = batch.newcomer(session)
    judged = batch.judge(locked, other, same_package, missing=(locked,), patient=False)

    assert (judged.left, judged.waiting) == ({locked.id, same_package.id}, set())
    assert [verdict.job for verdict in judged.verdicts] == [other]


def test_a_job_whose_own_row_is_locked_is_left_with_those_of_its_package() -> None:
    batch = Batch()
    session = batch.session()
    locked, other = batch.newcomer(session), batch.newcomer(session, 32)
    same_package = batch.newcomer(session)
    judged = batch.judge(locked, other, same_package, gone=(locked,), patient=False)

    assert judged.left == {locked.id, same_package.id}
    assert [verdict.job for verdict in judged.verdicts] == [other]


def test_who_needs_more_than_was_locked_waits_with_all_that_compete() -> None:
    batch = Batch()
    session = batch.session()
    grown, same_class = batch.newcomer(session), batch.newcomer(session, 32)
    elsewhere = batch.newcomer(session, 33)
    judged = batch.judge(
        grown, same_class, elsewhere, missing=(grown,), classes={elsewhere.id: {OTHER_CLASS}}
    )

    assert (judged.left, judged.waiting) == (set(), {grown.id})
    assert [verdict.job for verdict in judged.verdicts] == [elsewhere]


def test_who_competes_with_one_that_waits_holds_up_those_behind_them_in_turn() -> None:
    batch = Batch()
    session = batch.session()
    grown, bridge = batch.newcomer(session), batch.newcomer(session, 32)
    last = batch.newcomer(session, 33)
    classes = {
        grown.id: {CLASS},
        bridge.id: {CLASS, OTHER_CLASS},
        last.id: {OTHER_CLASS},
    }
    judged = batch.judge(grown, bridge, last, missing=(grown,), classes=classes)

    assert judged.verdicts == []
    assert judged.waiting == {grown.id}


def promised() -> tuple[Batch, Seats, Seats]:
    """Two sessions of a class, of which the first's free seats are the waitlist's."""
    batch = Batch()
    first, second = batch.session(capacity=5), batch.session(capacity=5)
    batch.desk.promised.add(first.id)
    return batch, first, second


@pytest.mark.parametrize("kind", [BOOK, JobKind.JOIN_WAITLIST])
def test_a_newcomer_to_a_promised_session_waits(kind: JobKind) -> None:
    batch, first, _ = promised()
    job = batch.newcomer(first, kind=kind)
    judged = batch.judge(job)
    assert (judged.verdicts, judged.waiting) == ([], {job.id})


def test_who_wants_to_change_to_a_promised_session_waits() -> None:
    batch, first, second = promised()
    step = batch.step()
    batch.holds(step, second)
    job = batch.job(JobKind.CHANGE_STEP, step, batch.option(step), first)
    assert batch.judge(job).waiting == {job.id}


def test_a_newcomer_to_another_session_of_the_class_does_not_wait() -> None:
    batch, _, second = promised()
    judged = batch.judge(batch.newcomer(second))
    assert (len(judged.verdicts), judged.waiting) == (1, set())


def test_a_newcomer_with_a_choice_waits_for_a_promise_in_the_class() -> None:
    batch, _, _ = promised()
    job = batch.newcomer(None)
    assert batch.judge(job).waiting == {job.id}


def test_a_newcomer_with_a_choice_elsewhere_does_not_wait() -> None:
    batch, _, _ = promised()
    batch.session(group_class=OTHER_CLASS)
    step = batch.step()
    job = batch.job(BOOK, step, batch.option(step, OTHER_CLASS))
    judged = batch.judge(job, classes={job.id: {OTHER_CLASS}})
    assert (len(judged.verdicts), judged.waiting) == (1, set())


def test_a_newcomer_whose_option_is_pinned_waits_for_a_promise_there_only() -> None:
    batch, first, second = promised()
    step = batch.step()
    option = batch.option(step)
    job = batch.job(BOOK, step, option)
    batch.pin(option, first)
    assert batch.judge(job).waiting == {job.id}

    batch.pin(option, second)
    assert batch.judge(job).waiting == set()


def test_a_promise_for_a_session_that_is_not_on_the_desk_holds_up_nobody() -> None:
    batch, first, _ = promised()
    batch.desk.promised = {299}
    batch.desk.sessions_of_class[CLASS].remove(first)
    judged = batch.judge(batch.newcomer(None))
    assert (len(judged.verdicts), judged.waiting) == (1, set())


def test_a_bulk_booking_waits_for_any_promise_in_its_classes() -> None:
    batch, _, second = promised()
    step = batch.step()
    option = batch.option(step)
    batch.pin(option, second)
    job = batch.job(
        JobKind.BULK_BOOK,
        step,
        option,
        selections=[],
        mode="BEST_EFFORT",
        fields={"course_step_id": None},
    )
    assert batch.judge(job).waiting == {job.id}
    assert batch.judge(job, classes={job.id: {OTHER_CLASS}}).waiting == set()


def test_staffs_change_of_a_seat_without_a_step_can_mean_no_session_and_does_not_wait() -> None:
    batch, first, _ = promised()
    held = batch.seat(OTHER, first)
    job = batch.job(JobKind.CHANGE_STEP, booking_id=held.booking_id)
    (verdict,) = batch.judge(job, classes={job.id: set()}).verdicts
    assert code(verdict) == "option_invalid"


def test_staffs_seat_waits_for_a_promise_of_that_session_only() -> None:
    batch, first, second = promised()

    def seat(session: Seats) -> Job:
        return batch.job(JobKind.BOOK_SEAT, session=session, booking_type="DROP_IN")

    there, elsewhere = seat(first), seat(second)
    assert batch.judge(there).waiting == {there.id}
    assert batch.judge(elsewhere).waiting == set()


def test_who_takes_no_seat_does_not_wait_for_a_promise() -> None:
    batch, first, _ = promised()
    step = batch.step()
    batch.holds(step, first)
    judged = batch.judge(batch.job(JobKind.CANCEL_STEP, step))
    assert [verdict.status for verdict in judged.verdicts] == ["SUCCEEDED"]
    assert {
        BOOK,
        JobKind.CHANGE_STEP,
        JobKind.BULK_BOOK,
        JobKind.JOIN_WAITLIST,
        JobKind.BOOK_SEAT,
    } == NEWCOMERS


def test_behind_a_newcomer_that_waits_for_a_promise_others_to_the_class_wait_too() -> None:
    batch, first, second = promised()
    job, behind = batch.newcomer(first), batch.newcomer(second, 32)
    judged = batch.judge(job, behind)
    assert (judged.verdicts, judged.waiting) == ([], {job.id})


def test_a_step_that_the_package_does_not_have_is_refused_whatever_is_asked() -> None:
    batch = Batch()
    job = batch.newcomer(batch.session())
    batch.desk.steps.clear()
    (verdict,) = batch.judge(job).verdicts

    assert refusal(verdict) == reads(
        RefusalCode.OPTION_INVALID,
        f"package {PACKAGE} has no step 41",
        "This package has no such step.",
    )
    assert verdict.job == job
    assert verdict.offering == []


@pytest.mark.parametrize("missing", ["student_package_id", "course_step_id"])
def test_a_job_that_is_about_no_step_or_no_package_is_not_asked_for_it(missing: str) -> None:
    batch = Batch()
    held = batch.seat(OTHER, batch.session())
    known = {"student_package_id": PACKAGE, "course_step_id": 41, missing: None}
    if missing == "student_package_id":
        job = batch.job(JobKind.BOOK_SEAT, session_id=299, booking_type="DROP_IN", fields=known)
        (verdict,) = batch.judge(job).verdicts
        assert code(verdict) == "session_invalid"
    else:
        job = batch.job(JobKind.CANCEL_STEP, booking_id=held.booking_id, fields=known)
        (verdict,) = batch.judge(job).verdicts
        assert result(verdict)


def test_a_deed_is_noted_with_its_decision() -> None:
    batch = Batch()
    from_staff = {"submitted_by": STAFF, "submitted_from": "192.0.2.7"}
    batch.judge(batch.newcomer(batch.session(), fields=from_staff))
    assert [row["action"] for row in batch.desk.changes.audit] == ["book_step"]


def test_a_step_that_is_not_there_is_no_deed() -> None:
    batch = Batch()
    job = batch.newcomer(batch.session(), fields={"submitted_from": "192.0.2.7"})
    batch.desk.steps.clear()
    batch.judge(job)
    assert batch.desk.changes.audit == []
