"""Staff cancel sessions while students book them and change into them."""

import random
from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy import text

from models.invariants import check_invariants
from models.round import Decider
from tests.processes import until
from tests.races.academy import Student, make_academy
from tests.races.contests import Racers, await_decisions, deciders
from tests.school import School

CANCELLED = 4
"""That many classes are cancelled; one more has room for all, and is left by some of them."""
HELD, BOOKING, CHANGING = 8, 14, 8
TRIES = 6


class Rush:
    """Some hold seats of the classes; others book them, or change into them, amid the deeds."""

    def __init__(self, school: School, decider: Decider) -> None:
        self.academy = academy = make_academy(
            school, [100] * (CANCELLED + 1), choices=[list(range(CANCELLED + 1))], scattered=True
        )
        changing: list[Student] = academy.enrol(CHANGING * CANCELLED)
        seats = [(0, place, academy.enrol(HELD)) for place in range(CANCELLED)]
        academy.seat(decider, [*seats, (0, CANCELLED, changing)])
        booking: list[Student] = academy.enrol(BOOKING * CANCELLED)
        wishes = [(academy.book, one, n % CANCELLED) for n, one in enumerate(booking)]
        wishes += [(academy.change, one, n % CANCELLED) for n, one in enumerate(changing)]
        random.shuffle(wishes)
        self.early, self.late = wishes[::2], wishes[1::2]

    def run(self) -> None:
        """Cancel all as soon as somebody got a seat, while half of the wishes are still to come."""
        self._submit(self.early, cancelled=[])
        until(lambda: self.seats_left() > CANCELLED * HELD, 30, "a booking")
        self._submit(self.late, cancelled=range(CANCELLED))
        await_decisions(self.academy.school)

    def _submit(self, wishes: list[Any], cancelled: Iterable[int]) -> None:
        with self.academy.school.engine.begin() as db:
            for place in cancelled:
                self.academy.cancel_session(db, place)
            for request, one, place in wishes:
                request(db, one, 0, place)

    def seats_left(self) -> int:
        """How many hold a seat of one of these sessions."""
        return sum(len(self.academy.seated(place)) for place in range(CANCELLED))


def test_of_a_session_cancelled_in_a_rush_nobody_holds_a_seat_and_all_are_told(
    school: School, racers: Racers, decider: Decider
) -> None:
    rush = Rush(school, decider)
    with racers():
        rush.run()

    cancelled = rush.academy.sessions[:CANCELLED]
    with school.engine.connect() as db:
        sessions = db.execute(
            text("SELECT status, seats_taken FROM session WHERE id = ANY (:ids)"),
            {"ids": cancelled},
        ).all()
        booked = db.scalars(
            text("SELECT id FROM booking WHERE session_id = ANY (:ids) ORDER BY id"),
            {"ids": cancelled},
        ).all()
        told = db.scalars(
            text(
                "SELECT CAST(payload->>'booking_id' AS bigint) AS id FROM outbox_message"
                " WHERE kind = 'MAIL' AND topic = 'session_cancelled' ORDER BY id"
            )
        ).all()
        refused = db.scalar(
            text("SELECT count(*) FROM booking_job WHERE error->>'code' = 'session_cancelled'")
        )
    assert set(map(tuple, sessions)) == {("CANCELLED", 0)}
    assert rush.seats_left() == 0
    assert told == booked
    assert len(booked) > CANCELLED * HELD
    assert refused, "nobody came too late, so nothing raced"
    assert len(deciders(school) - {None}) > 1
    assert check_invariants(school.engine).violations == []


def test_control_without_row_locks_somebody_holds_a_seat_of_a_cancelled_session(
    school: School, racers: Racers, decider: Decider
) -> None:
    for _ in range(TRIES):
        rush = Rush(school, decider)
        with racers("row locks"):
            rush.run()
        if rush.seats_left():
            return
    pytest.fail("without locks nobody kept a seat, so the race proves nothing")
