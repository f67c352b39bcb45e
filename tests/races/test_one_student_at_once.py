"""Two classes at the same time, wanted by the same students, decided in different lanes."""

import random
from collections import Counter

import pytest
from sqlalchemy import text

from tests.races.contests import (
    Contest,
    Racers,
    await_decisions,
    deciders,
    make_contest,
    make_students,
    outcomes,
    submit_all,
)
from tests.races.racer import RACERS
from tests.school import DAY, HOUR, School

STUDENTS = 60
ROUNDS = 3
TRIES = 20


def hold_round(school: School, students: list[int], number: int) -> tuple[Contest, Contest]:
    """Everybody wants both classes, each class's jobs in an order and lanes of their own."""
    starts_in = (3 + number) * DAY
    one = make_contest(school, students, capacity=STUDENTS, starts_in=starts_in)
    other = make_contest(school, students, capacity=STUDENTS, starts_in=starts_in + HOUR / 2)
    shuffled = dict(random.sample(list(other.packages.items()), STUDENTS))
    with school.engine.begin() as db:
        submit_all(db, one)
        submit_all(db, Contest(other.course, shuffled), first_lane=1)
    await_decisions(school)
    return one, other


def most_of_one_student(school: School, contests: tuple[Contest, Contest]) -> int:
    """The most seats that any student got."""
    with school.engine.connect() as db:
        query = text(
            "SELECT max(count) FROM (SELECT count(*) FROM booking"
            " WHERE session_id = ANY (:sessions) GROUP BY user_id) AS held"
        )
        return db.scalar(query, {"sessions": [c.course.sessions[0] for c in contests]}) or 0


def test_nobody_gets_two_seats_at_the_same_time(
    school: School, racers: Racers, no_overlap_check: None
) -> None:
    students = make_students(school, STUDENTS)
    with racers():
        for number in range(ROUNDS):
            contests = hold_round(school, students, number)
            assert most_of_one_student(school, contests) == 1
            found = sum((outcomes(school, c.course.step) for c in contests), start=Counter())
            assert found == {"confirmed": STUDENTS, "time_conflict": STUDENTS}

    assert len(deciders(school)) == RACERS


def test_control_without_the_row_locks_somebody_gets_two_seats_at_the_same_time(
    school: School, racers: Racers, no_overlap_check: None
) -> None:
    students = make_students(school, STUDENTS)
    with racers("row locks"):
        for number in range(TRIES):
            if most_of_one_student(school, hold_round(school, students, number)) > 1:
                return
    pytest.fail("without locks nobody got two seats, so the race proves nothing")
