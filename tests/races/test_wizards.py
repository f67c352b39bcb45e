"""100 wizards that each want all of ten classes, decided from ten lanes at once."""

import random
from uuid import UUID

from models.bulk_booking import BulkMode
from models.invariants import check_invariants
from tests.processes import until
from tests.races.academy import Academy, Student, make_academy
from tests.races.contests import Racers, await_decisions, deadlocks
from tests.school import School

CLASSES = 10
WIZARDS = 100
FIT = 30
ROOMY = 60


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


def in_order(academy: Academy, wizards: list[Student]) -> bool:
    """Whether the first who fit have a seat in every class, and the others none."""
    seats = list(academy.seats_of(wizards).values())
    return seats == [CLASSES] * FIT + [0] * (len(wizards) - FIT)


def test_each_of_100_wizards_gets_all_ten_seats_or_none_first_come_first_served(
    school: School, racers: Racers
) -> None:
    academy = make_academy(school, small_and_roomy())
    wizards = academy.enrol(WIZARDS)
    with racers():
        jobs = submit_wizards(academy, wizards)
        await_decisions(school)

    assert in_order(academy, wizards)
    assert list(academy.outcomes(jobs).values()) == (
        ["SUCCEEDED"] * FIT + ["session_full"] * (WIZARDS - FIT)
    )
    assert check_invariants(school.engine).violations == []


def test_control_without_all_or_nothing_a_wizard_gets_some_of_the_ten_seats(
    school: School, racers: Racers
) -> None:
    academy = make_academy(school, small_and_roomy())
    wizards = academy.enrol(FIT + 1)
    submit_wizards(academy, wizards)
    with racers("all or nothing"):
        await_decisions(school)
    assert not in_order(academy, wizards)


def test_control_without_one_lock_order_wizards_meet_deadlocks(
    school: School, racers: Racers
) -> None:
    academy = make_academy(school, small_and_roomy())
    submit_wizards(academy, academy.enrol(FIT))
    before = deadlocks(school)
    with racers("lock order") as logged:
        until(lambda: deadlocks(school) > before, 30, "a deadlock")
    assert logged["round is tried again"] > 0
