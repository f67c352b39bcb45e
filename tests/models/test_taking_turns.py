"""Whose turn it is among the jobs of a lane, of which some wait in other lanes as well."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine

from models.booking_job import JobKind, Priority
from models.desk import Job
from models.laying_desk import peek
from models.scope import Scope, Scopes
from models.submitting import Request, Target, submit
from models.turns import Turns, take_turns


@dataclass
class Queue:
    """Jobs in lanes; each is of a package and a class of its own unless told otherwise.

    Package 0 stands for none.
    """

    engine: Engine
    now: datetime
    scopes: Scopes = field(default_factory=lambda: Scopes({}))

    def job(
        self,
        *lanes: int,
        package: int | None = None,
        class_id: int | None = None,
        priority: Priority = Priority.ORDINARY,
    ) -> UUID:
        number = len(self.scopes.of) + 1
        if package is None:
            package = 100 + number
        target = Target(lanes=frozenset(lanes), user_id=1, student_package_id=package or None)
        request = Request(
            kind=JobKind.BULK_BOOK, submitted_by=1, target=target, body={}, priority=priority
        )
        with self.engine.begin() as db:
            row = submit(db, request, self.now).job
        assert row is not None
        self.scopes.of[row.id] = Scope(class_ids={class_id or 200 + number})
        return row.id

    def turns(self, lane: int, *only: UUID, left: tuple[UUID, ...] = ()) -> Turns:
        """Whose turn it is in this lane."""
        with self.engine.connect() as db:
            jobs = peek(db, lane, 100, only=only or None)
            return take_turns(db, jobs, self.scopes, left)


@pytest.fixture
def queue(engine: Engine, now: datetime) -> Queue:
    return Queue(engine, now)


def ids(jobs: list[Job]) -> list[UUID]:
    return [job.id for job in jobs]


def test_all_lanes_in_which_older_jobs_wait_are_named(queue: Queue) -> None:
    queue.job(2)
    queue.job(3)
    queue.job(4)
    held_back = {queue.job(1, 2), queue.job(1, 3, 4)}
    turns = queue.turns(1)

    assert (turns.now, turns.held_back, turns.older_lanes) == ([], held_back, {2, 3, 4})


def test_a_younger_job_of_another_lane_holds_up_nobody(queue: Queue) -> None:
    older = queue.job(1, 2)
    queue.job(2)
    assert ids(queue.turns(1).now) == [older]


def test_an_older_job_of_a_lane_that_it_does_not_wait_in_holds_up_nobody(queue: Queue) -> None:
    queue.job(3)
    younger = queue.job(1, 2)
    assert ids(queue.turns(1).now) == [younger]


def test_jobs_that_wait_in_the_same_lanes_go_on_together(queue: Queue) -> None:
    both = [queue.job(1, 2), queue.job(1, 2)]
    assert ids(queue.turns(1).now) == both
    assert ids(queue.turns(2).now) == both


def test_a_job_of_one_lane_that_is_decided_alone_waits_for_nobody_in_it(queue: Queue) -> None:
    queue.job(1)
    younger = queue.job(1)
    assert ids(queue.turns(1, younger).now) == [younger]


def test_a_job_of_two_lanes_that_is_decided_alone_waits_for_who_is_older(queue: Queue) -> None:
    queue.job(1)
    younger = queue.job(1, 2)
    turns = queue.turns(1, younger)
    assert (turns.now, turns.held_back, turns.older_lanes) == ([], {younger}, {1})


def test_who_goes_ahead_in_another_lane_is_waited_for_although_they_came_later(
    queue: Queue,
) -> None:
    ordinary = queue.job(1, 2)
    queue.job(2, priority=Priority.STAFF)
    turns = queue.turns(1)
    assert (turns.now, turns.held_back, turns.older_lanes) == ([], {ordinary}, {2})


def test_who_goes_ahead_waits_for_no_ordinary_job_that_came_before(queue: Queue) -> None:
    queue.job(2)
    staffs = queue.job(1, 2, priority=Priority.STAFF)
    assert ids(queue.turns(1).now) == [staffs]


def test_an_older_job_of_the_package_is_waited_for_whatever_its_lanes(queue: Queue) -> None:
    older = queue.job(2, 3, package=31)
    younger = queue.job(1, package=31)
    other = queue.job(1)
    turns = queue.turns(1)

    assert (ids(turns.now), turns.held_back, turns.older_lanes) == ([other], {younger}, {2, 3})
    assert ids(queue.turns(2).now) == [older]


def test_both_an_older_job_of_the_package_and_one_of_another_lane_are_named(queue: Queue) -> None:
    queue.job(3, package=31)
    queue.job(2)
    younger = queue.job(1, 2, package=31)
    turns = queue.turns(1)
    assert (turns.held_back, turns.older_lanes) == ({younger}, {2, 3})


def test_behind_one_that_is_held_back_those_wait_who_compete_with_it(queue: Queue) -> None:
    queue.job(2)
    held_back = queue.job(1, 2, class_id=51)
    # of its class, and of the package of one that is of its class
    queue.job(1, class_id=51)
    queue.job(1, package=38, class_id=51)
    queue.job(1, package=38)
    other = queue.job(1)
    turns = queue.turns(1)

    assert turns.held_back == {held_back}
    assert ids(turns.now) == [other]


def test_behind_one_that_was_left_only_its_package_is_left_too(queue: Queue) -> None:
    before = queue.job(1, package=31)
    left = queue.job(1, package=31, class_id=51)
    same_class = queue.job(1, class_id=51)
    left_too = queue.job(1, package=32)
    behind = queue.job(1, package=31, class_id=52)
    of_that_class = queue.job(1, class_id=52)
    turns = queue.turns(1, left=(left, left_too))

    assert ids(turns.now) == [before, same_class, of_that_class]
    assert (turns.left, turns.held_back) == ({behind}, set())


def test_jobs_without_a_package_are_left_by_themselves(queue: Queue) -> None:
    left, other = queue.job(1, package=0), queue.job(1, package=0)
    turns = queue.turns(1, left=(left,))
    assert (turns.left, ids(turns.now)) == (set(), [other])
