"""Seats given back and given on with real workers: woken, delivered often, and killed amidst."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from models.bulk_booking import BulkMode
from models.invariants import check_invariants
from models.round import Decider
from tests.faults.stack import WorkingStack
from tests.processes import until
from tests.races.academy import Academy, Student, make_academy

SEATS = 50
DELIVERIES = 20


def count(stack: WorkingStack, query: str, **parameters: Any) -> int:
    with stack.school.engine.connect() as db:
        return int(db.scalar(text(query), parameters) or 0)


def given_back(stack: WorkingStack) -> int:
    return count(stack, "SELECT count(*) FROM seat_ledger WHERE change < 0")


def told(stack: WorkingStack, topic: str) -> int:
    query = "SELECT count(*) FROM outbox_message WHERE kind = 'MAIL' AND topic = :topic"
    return count(stack, query, topic=topic)


def progress_of(stack: WorkingStack, who: Student) -> int:
    query = "SELECT id FROM student_course_step_progress WHERE student_package_id = :package"
    return count(stack, query, package=who.package)


def assert_sound(stack: WorkingStack) -> None:
    until(lambda: stack.queued() == 0, 15, "the last decision")
    assert check_invariants(stack.school.engine).violations == []


def test_a_promotion_in_a_lane_that_its_task_has_left_already_wakes_somebody(
    stack: WorkingStack, decider: Decider
) -> None:
    """The wizard's task looks at both lanes, and in the second frees a seat of the first."""
    academy = make_academy(stack.school, [1, 5], choices=[[0, 1], [1]])
    holder, waiting, wizard = academy.enrol(3)
    academy.seat(decider, [(0, 0, [holder])])
    academy.queue(decider, [waiting], 0, 0)
    with stack.school.engine.begin() as db:
        job = academy.book_all(db, wizard, [(0, 0), (1, 1)], BulkMode.BEST_EFFORT)
        academy.change(db, holder, 0, 1)
    stack.processes.publish(job)

    until(lambda: academy.seated(0) == [waiting.user], 10, "the promotion")
    assert_sound(stack)


def exits(academy: Academy, decider: Decider) -> list[UUID]:
    """One who cancels, one who changes, one whose package and some whose session is cancelled."""
    cancelling, changing, losing, *dropped = academy.enrol(6)
    academy.seat(decider, [(0, 0, [cancelling, changing, losing]), (0, 1, dropped)])
    with academy.school.engine.begin() as db:
        return [
            academy.cancel(db, cancelling, 0),
            academy.change(db, changing, 0, 2),
            academy.cancel_package(db, losing),
            academy.cancel_session(db, 1),
        ]


def test_exits_delivered_20_times_give_back_each_seat_once(
    stack: WorkingStack, decider: Decider
) -> None:
    jobs = exits(make_academy(stack.school, [5, 5, 5], choices=[[0, 1, 2]]), decider)
    for _ in range(DELIVERIES):
        for job in jobs:
            stack.processes.publish(job)
    for job in jobs:
        said = f"process[{job}] succeeded"
        until(lambda words=said: stack.worker.said(words) == DELIVERIES, 30, "the last run")

    assert set(stack.statuses(jobs)) == {"SUCCEEDED"}
    assert given_back(stack) == 6
    assert [told(stack, topic) for topic in ("booking_cancelled", "booking_changed")] == [2, 1]
    assert told(stack, "session_cancelled") == 3
    assert_sound(stack)


def test_a_worker_killed_while_it_cancels_a_session_leaves_it_whole_or_cancelled(
    stack: WorkingStack, decider: Decider
) -> None:
    academy = make_academy(stack.school, [SEATS])
    students = academy.enrol(SEATS)
    academy.seat(decider, [(0, 0, students)])
    with stack.school.engine.begin() as db:
        job = academy.cancel_session(db, 0)
    # the bookings are written before the steps' progress, of which the last one is locked
    with stack.held("student_course_step_progress", progress_of(stack, students[-1])):
        stack.wake([job])
        stack.await_waiting()
        stack.processes.start_sweep()
        stack.worker.kill()
        assert stack.statuses([job]) == ["QUEUED"]
        assert (len(academy.seated(0)), given_back(stack)) == (SEATS, 0)

    stack.await_sweep()
    stack.await_status([job])
    stack.replace_worker()
    assert (len(academy.seated(0)), given_back(stack)) == (0, SEATS)
    assert told(stack, "session_cancelled") == SEATS
    assert_sound(stack)


@pytest.mark.parametrize("kills", ["the pool", "all of it"])
def test_a_worker_killed_while_it_promotes_loses_no_seat_and_gives_none_twice(
    stack: WorkingStack, decider: Decider, kills: str
) -> None:
    """The one who is promoted gives up another seat, which both are written at once."""
    academy = make_academy(stack.school, [1, 1], choices=[[0, 1]])
    holder, swapping = academy.enrol(2)
    academy.seat(decider, [(0, 0, [holder]), (0, 1, [swapping])])
    academy.queue(decider, [swapping], 0, 0)
    with stack.school.engine.begin() as db:
        job = academy.cancel(db, holder, 0)
    with stack.held("student_course_step_progress", progress_of(stack, swapping)):
        stack.wake([job])
        stack.await_waiting()
        stack.processes.start_sweep()
        if kills == "the pool":
            stack.worker.kill_children()
        else:
            stack.worker.kill()
        assert (academy.seated(0), academy.seated(1)) == ([], [swapping.user])

    stack.await_sweep()
    until(lambda: academy.seated(0) == [swapping.user], 15, "the promotion")
    if kills == "all of it":
        stack.replace_worker()
    assert academy.seated(1) == []
    assert (given_back(stack), told(stack, "waitlist_promoted")) == (2, 1)
    assert_sound(stack)
