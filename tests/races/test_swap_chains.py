"""Students who each wait for the seat that the next one holds; then one seat is freed."""

import pytest

from models.invariants import check_invariants
from models.round import Decider
from tests.processes import Processes, until
from tests.races.academy import Academy, Student, make_academy
from tests.races.contests import Racers, await_decisions
from tests.school import School

LENGTH = 10
SECONDS = 10
"""Enough for a slow machine; the sweep's patience alone would be 2 s for each of them."""


class Chain:
    """One seat a class; student n holds that of class n and waits for that of class n - 1."""

    def __init__(self, school: School, decider: Decider, joining: int) -> None:
        places = range(LENGTH + 1)
        self.academy: Academy = make_academy(school, [1] * len(places), choices=[list(places)])
        self.first, *self.students = self.academy.enrol(len(places))
        holders: list[Student] = [self.first, *self.students]
        self.academy.seat(decider, [(0, place, [holders[place]]) for place in places])
        for n in list(places)[1:][::joining]:
            self.academy.queue(decider, [holders[n]], 0, n - 1)

    def free_a_seat(self) -> "Academy":
        with self.academy.school.engine.begin() as db:
            self.job = self.academy.cancel(db, self.first, 0)
        return self.academy

    def has_moved(self) -> bool:
        places = [self.academy.seated(place) for place in range(LENGTH + 1)]
        return places == [[one.user] for one in self.students] + [[]]


@pytest.mark.parametrize("joining", [1, -1])
def test_all_of_a_chain_move_when_one_seat_is_freed(
    school: School, racers: Racers, decider: Decider, joining: int
) -> None:
    chain = Chain(school, decider, joining)
    with racers():
        chain.free_a_seat()
        await_decisions(school, SECONDS)

    assert chain.has_moved()
    assert check_invariants(school.engine).violations == []


def test_control_without_promotions_of_the_seats_that_swaps_free_nobody_moves(
    school: School, racers: Racers, decider: Decider
) -> None:
    chain = Chain(school, decider, 1)
    with racers("promotions"):
        chain.free_a_seat()
        await_decisions(school, SECONDS)
    assert not chain.has_moved()


def test_workers_wake_each_other_along_a_chain_without_any_sweep(
    school: School, decider: Decider, processes: Processes
) -> None:
    """Nobody but the promotions' own wake-ups says that there is something to do."""
    for _ in range(2):
        processes.launch_worker("bookings")
    for worker in processes.started:
        until(lambda worker=worker: worker.said(" ready."), 30, "a worker's start")
    for joining in (1, -1):
        chain = Chain(school, decider, joining)
        chain.free_a_seat()
        processes.publish(chain.job)
        until(chain.has_moved, SECONDS, "the last swap")
    assert check_invariants(school.engine).violations == []
