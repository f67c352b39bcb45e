"""A few jobs in each of many lanes: each racer decides those of several lanes in one round."""

import random
from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy import text

from models.bulk_booking import BulkMode
from models.invariants import check_invariants
from models.lanes import LANES
from tests.processes import until
from tests.races.academy import Student, make_academy
from tests.races.contests import Racers, await_decisions, deciders
from tests.races.racer import RACERS, ROUNDS_OF_ONE_LANE
from tests.school import School

SEATS, STUDENTS, PLACES = 3, 80, 4
EVERY = 10
"""One of so many students sends the wizard, whose job waits in all lanes."""
BACKLOG = 3 * LANES
TRIES = 5


class Rush:
    """Students who want seats in some classes each, of which each lane has one.

    With `scattered` jobs those of one class are dealt to all lanes, so that only row locks are
    between them; and nobody sends the wizard, who is in all lanes anyhow.
    """

    def __init__(self, school: School, *, scattered: bool = False) -> None:
        self.school, self.scattered = school, scattered
        self.academy = make_academy(school, [SEATS] * LANES, scattered=scattered)
        self.asked: list[list[int]] = [[] for _ in range(LANES)]
        self.jobs: list[UUID] = []

    def hold(self) -> None:
        """Submit everything, a little at a time, and wait until it is decided."""
        for number, one in enumerate(self.academy.enrol(STUDENTS), 1):
            until(lambda: self._waiting() < BACKLOG, 30, "the decisions")
            if self.scattered or number % EVERY:
                self._book(one)
            else:
                self._send_wizard(one)
        await_decisions(self.school)

    def _book(self, one: Student) -> None:
        places = random.sample(range(LANES), PLACES)
        with self.school.engine.begin() as db:
            self.jobs += [self.academy.book(db, one, place, place) for place in places]
        for place in places:
            self.asked[place].append(one.user)

    def _send_wizard(self, one: Student) -> None:
        everything = [(place, place) for place in range(LANES)]
        with self.school.engine.begin() as db:
            self.jobs.append(self.academy.book_all(db, one, everything, BulkMode.BEST_EFFORT))
        for asked in self.asked:
            asked.append(one.user)

    def seated(self) -> list[list[int]]:
        return [self.academy.seated(place) for place in range(LANES)]

    def first_come(self) -> list[list[int]]:
        return [asked[:SEATS] for asked in self.asked]

    def most_in_a_class(self) -> int:
        return max(map(len, self.seated()))

    def attempts(self) -> Counter[int]:
        """How often the jobs were decided; a last one that was given up counts, too."""
        return Counter(self._column("SELECT attempts FROM booking_job"))

    def lanes_of_rounds(self) -> list[int]:
        """For each round the number of lanes from which its jobs of one lane came."""
        return self._column(
            "SELECT count(DISTINCT lanes[1]) FROM booking_job WHERE cardinality(lanes) = 1"
            " GROUP BY task_id, decided_at"
        )

    def _waiting(self) -> int:
        return self._column("SELECT count(*) FROM job_queue")[0]

    def _column(self, query: str) -> list[int]:
        with self.school.engine.connect() as db:
            return list(db.scalars(text(query)))


def assert_decided_once(rush: Rush, logged: Counter[str]) -> None:
    assert not logged, "the racers met deadlocks or other errors"
    assert rush.attempts() == {1: len(rush.jobs)}
    assert max(rush.lanes_of_rounds()) > 1
    assert len(deciders(rush.school)) == RACERS
    assert check_invariants(rush.school.engine).violations == []


def test_in_rounds_of_several_lanes_who_comes_first_is_served_first(
    school: School, racers: Racers
) -> None:
    rush = Rush(school)
    with racers(ROUNDS_OF_ONE_LANE) as logged:
        rush.hold()

    assert rush.seated() == rush.first_come()
    assert_decided_once(rush, logged)


def test_control_without_turns_somebody_overtakes_in_rounds_of_several_lanes(
    school: School, racers: Racers
) -> None:
    rush = Rush(school)
    with racers(ROUNDS_OF_ONE_LANE, "turns"):
        rush.hold()
    assert rush.seated() != rush.first_come()


def test_rounds_of_several_lanes_oversell_nothing_and_decide_each_job_once(
    school: School, racers: Racers, no_seat_check: None
) -> None:
    rush = Rush(school, scattered=True)
    with racers(ROUNDS_OF_ONE_LANE) as logged:
        rush.hold()

    assert rush.most_in_a_class() == SEATS
    assert_decided_once(rush, logged)


def test_control_without_the_row_locks_rounds_of_several_lanes_oversell(
    school: School, racers: Racers, no_seat_check: None
) -> None:
    with racers(ROUNDS_OF_ONE_LANE, "row locks"):
        for _ in range(TRIES):
            rush = Rush(school, scattered=True)
            rush.hold()
            if rush.most_in_a_class() > SEATS:
                return
    pytest.fail("without locks nothing was oversold, so the race proves nothing")
