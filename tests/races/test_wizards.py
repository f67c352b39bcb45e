"""100 wizards that each want all of ten classes, decided from ten lanes at once."""

import random
from uuid import UUID

import pytest

from models.bulk_booking import BulkMode
from models.invariants import check_invariants
from tests.races.academy import Academy, Student, make_academy
from tests.races.contests import Racers, await_decisions, deciders
from tests.school import School

CLASSES = 10
WIZARDS = 100
FIT = 30
ROOMY = 60
TRIES = 10


def submit_wizards(academy: Academy, wizards: list[Student]) -> list[UUID]:
    """Everybody chooses the same sessions, each in an order of their own."""
    jobs = []
    for one in wizards:
        choices = random.sample([(place, place) for place in range(CLASSES)], CLASSES)
        with academy.school.engine.begin() as db:
            jobs.append(academy.book_all(db, one, choices, BulkMode.ALL_OR_NOTHING))
    return jobs


def small_and_roomy() -> list[int]:
    """Two classes have room for few, the others for more."""
    capacities = [FIT, FIT] + [ROOMY] * (CLASSES - 2)
    random.shuffle(capacities)
    return capacities


def hold_round(school: School) -> tuple[Academy, list[Student], list[UUID]]:
    academy = make_academy(school, small_and_roomy())
    wizards = academy.enrol(WIZARDS)
    jobs = submit_wizards(academy, wizards)
    await_decisions(school)
    return academy, wizards, jobs


def in_order(academy: Academy, wizards: list[Student]) -> bool:
    """Whether the first who fit have a seat in every class, and the others none."""
    seats = list(academy.seats_of(wizards).values())
    return seats == [CLASSES] * FIT + [0] * (WIZARDS - FIT)


def test_each_of_100_wizards_gets_all_ten_seats_or_none_first_come_first_served(
    school: School, racers: Racers
) -> None:
    with racers() as logged:
        academy, wizards, jobs = hold_round(school)

    assert in_order(academy, wizards)
    assert list(academy.outcomes(jobs).values()) == (
        ["SUCCEEDED"] * FIT + ["session_full"] * (WIZARDS - FIT)
    )
    assert len(deciders(school)) > 1
    assert check_invariants(school.engine).violations == []
    assert not logged


def test_control_without_row_locks_the_wizards_are_not_served_in_order(
    school: School, racers: Racers, no_seat_check: None
) -> None:
    with racers("row locks", "lanes"):
        for _ in range(TRIES):
            academy, wizards, _ = hold_round(school)
            if not in_order(academy, wizards):
                return
    pytest.fail("without locks the wizards were served in order, so the race proves nothing")
