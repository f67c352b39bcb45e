"""Students of two classes who all want to be in the other one."""

import random

import pytest

from models.invariants import check_invariants
from models.round import Decider
from tests.races.academy import Academy, Student, make_academy
from tests.races.contests import Racers, await_decisions, deciders
from tests.races.racer import RACERS
from tests.school import School

PAIRS = 8
SEATS = 5
TRIES = 10


def full_pairs(school: School, decider: Decider) -> tuple[Academy, list[list[Student]]]:
    """Pairs of full classes; step n is taken in either class of pair n."""
    academy = make_academy(
        school,
        [SEATS] * (2 * PAIRS),
        choices=[[2 * pair, 2 * pair + 1] for pair in range(PAIRS)],
        scattered=True,
    )
    holders = [academy.enrol(SEATS) for _ in range(2 * PAIRS)]
    seats = [(place // 2, place, students) for place, students in enumerate(holders)]
    academy.seat(decider, seats)
    return academy, holders


def swap_all(academy: Academy, holders: list[list[Student]]) -> list[Student]:
    """One student of each pair gives up the seat, all others want the other class."""
    wishes = [
        (academy.change, one, place // 2, place ^ 1)
        for place, students in enumerate(holders)
        for one in students[1 - place % 2 :]
    ]
    leaving = [students[0] for students in holders[::2]]
    wishes += [(academy.cancel, one, pair) for pair, one in enumerate(leaving)]
    random.shuffle(wishes)
    with academy.school.engine.begin() as db:
        for request, *arguments in wishes:
            request(db, *arguments)
    return leaving


def fullest(academy: Academy) -> int:
    """The most bookings that any class has."""
    return max(len(academy.seated(place)) for place in range(2 * PAIRS))


def test_who_swaps_between_two_full_classes_never_has_two_seats_or_none(
    school: School, racers: Racers, decider: Decider, no_seat_check: None
) -> None:
    academy, holders = full_pairs(school, decider)
    leaving = swap_all(academy, holders)
    with racers():
        await_decisions(school)

    seats = academy.seats_of([one for students in holders for one in students])
    assert {user for user, count in seats.items() if count == 0} == {one.user for one in leaving}
    assert set(seats.values()) == {0, 1}
    assert fullest(academy) == SEATS
    assert len(deciders(school) - {None}) == RACERS
    assert check_invariants(school.engine).violations == []


def test_control_without_row_locks_a_class_has_more_students_than_seats(
    school: School, racers: Racers, decider: Decider, no_seat_check: None
) -> None:
    for _ in range(TRIES):
        academy, holders = full_pairs(school, decider)
        swap_all(academy, holders)
        with racers("row locks"):
            await_decisions(school)
        if fullest(academy) > SEATS:
            return
    pytest.fail("without locks no class was overfull, so the race proves nothing")
