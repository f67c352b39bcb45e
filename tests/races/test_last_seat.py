"""The last seat of a class, wanted by 200 students whose jobs are decided all at once."""

import pytest

from models.invariants import check_invariants
from tests.races.contests import (
    Contest,
    Racers,
    await_decisions,
    deciders,
    make_contest,
    make_students,
    outcomes,
    seats_taken,
    submit_all,
)
from tests.races.racer import RACERS
from tests.school import DAY, School

STUDENTS = 200
ROUNDS = 20
TRIES = 20
"""Rounds after which the control gives up: it has always oversold in the first ones."""


def hold_round(school: School, students: list[int], number: int) -> Contest:
    # on a day of its own, so that nobody's seat of an earlier round is in the way
    contest = make_contest(school, students, capacity=1, starts_in=(3 + number) * DAY)
    with school.engine.begin() as db:
        submit_all(db, contest)
    await_decisions(school)
    return contest


def test_of_200_students_exactly_one_gets_the_last_seat_in_20_rounds(
    school: School, racers: Racers
) -> None:
    students = make_students(school, STUDENTS)
    with racers():
        for number in range(ROUNDS):
            contest = hold_round(school, students, number)
            assert outcomes(school, contest.course.step) == {
                "confirmed": 1,
                "session_full": STUDENTS - 1,
            }
            assert seats_taken(school, contest) == (1, 1)

    assert len(deciders(school)) == RACERS
    assert check_invariants(school.engine).violations == []


def test_the_row_locks_alone_keep_the_seat_from_being_sold_twice(
    school: School, racers: Racers, no_seat_check: None
) -> None:
    students = make_students(school, STUDENTS)
    with racers():
        for number in range(3):
            contest = hold_round(school, students, number)
            assert seats_taken(school, contest) == (1, 1)

    assert len(deciders(school)) == RACERS


def test_control_without_the_row_locks_the_seat_is_sold_twice(
    school: School, racers: Racers, no_seat_check: None
) -> None:
    students = make_students(school, STUDENTS)
    with racers("row locks"):
        for number in range(TRIES):
            contest = hold_round(school, students, number)
            count, bookings = seats_taken(school, contest)
            assert count == bookings
            if bookings > 1:
                return
    pytest.fail("without locks nothing was oversold, so the race proves nothing")
