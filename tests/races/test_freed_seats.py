"""Seats that are freed while newcomers want them and others wait for them, or have just left."""

import random
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from models.booking_job import Priority
from models.bulk_booking import BulkMode
from models.invariants import check_invariants
from models.round import Decider
from tests.races.academy import Academy, Student, make_academy
from tests.races.contests import Racers, await_decisions, deciders
from tests.school import HOUR, School

SEATS = 20
FREED = 5
NEWCOMERS = 30
WANTED, SAME_TIME, SOON, ELSEWHERE = range(4)
"""Four classes: the full one, one at the same time, one that starts soon, one with room."""


class Line:
    """A full class, and those who wait for it; some can't have the seat when there is one."""

    def __init__(self, school: School, decider: Decider) -> None:
        self.academy = academy = make_academy(
            school,
            [SEATS, 100, 100, 100],
            # the second step can be taken at the same time as the full class
            choices=[[WANTED, SOON, ELSEWHERE], [SAME_TIME]],
        )
        self.holders = academy.enrol(SEATS)
        academy.seat(decider, [(0, WANTED, self.holders)])
        self.waiting = academy.enrol(12)
        self.busy, self.late = self.waiting[0:6:3], self.waiting[1:6:3]
        self.eligible = [w for w in self.waiting if w not in [*self.busy, *self.late]]
        academy.seat(decider, [(0, SOON, self.late)])
        academy.queue(decider, self.waiting, 0, WANTED)
        academy.seat(decider, [(1, SAME_TIME, self.busy)])
        self._make_ineligible()
        self.newcomers = academy.enrol(NEWCOMERS)

    def _make_ineligible(self) -> None:
        sessions = self.academy.sessions
        move = text(
            "UPDATE session SET start_at = :start, end_at = :start + interval '1 h' WHERE id = :id"
        )
        with self.academy.school.engine.begin() as db:
            start = db.scalar(
                text("SELECT start_at FROM session WHERE id = :id"), {"id": sessions[WANTED]}
            )
            db.execute(move, {"id": sessions[SAME_TIME], "start": start})
            soon = self.academy.school.now + 3 * HOUR
            db.execute(move, {"id": sessions[SOON], "start": soon})
            db.execute(
                text(
                    "UPDATE booking SET during = tstzrange(start_at, end_at),"
                    " change_until = start_at - interval '24 h',"
                    " cancel_until = start_at - interval '24 h'"
                    " FROM session WHERE session.id = session_id"
                )
            )

    def free_seats(self) -> list[Callable[[Any], Any]]:
        """Five who give up their seats, in other lanes, too."""
        one, two, three, four, five = self.holders[:FREED]
        academy = self.academy
        return [
            lambda db: academy.cancel(db, one, 0),
            lambda db: academy.cancel(db, two, 0),
            lambda db: academy.change(db, three, 0, ELSEWHERE),
            lambda db: academy.change(db, four, 0, ELSEWHERE),
            lambda db: academy.cancel_package(db, five),
        ]

    def wish_seats(self) -> list[Callable[[Any], Any]]:
        """Newcomers, every third with two classes at once."""
        both = [(0, WANTED), (1, SAME_TIME)]
        return [
            self._bulk(one, both) if number % 3 == 0 else self._book(one)
            for number, one in enumerate(self.newcomers)
        ]

    def _book(self, one: Student) -> Callable[[Any], Any]:
        return lambda db: self.academy.book(db, one, 0, WANTED)

    def _bulk(self, one: Student, choices: list[tuple[int, int]]) -> Callable[[Any], Any]:
        return lambda db: self.academy.book_all(db, one, choices, BulkMode.BEST_EFFORT)


def submit_shuffled(school: School, calls: list[Callable[[Any], Any]]) -> None:
    random.shuffle(calls)
    for call in calls:
        with school.engine.begin() as db:
            call(db)


def seated_of(academy: Academy, students: list[Student]) -> list[Student]:
    seated = set(academy.seated(WANTED))
    return [one for one in students if one.user in seated]


def skips(school: School) -> set[tuple[int, str]]:
    query = (
        "SELECT user_id, code FROM waitlist_skip AS skip"
        " JOIN waitlist_entry AS entry ON entry.id = skip.waitlist_entry_id"
    )
    with school.engine.connect() as db:
        return {(row.user_id, row.code) for row in db.execute(text(query))}


def test_freed_seats_are_the_waitlist_s_and_no_newcomer_gets_one(
    school: School, racers: Racers, decider: Decider
) -> None:
    line = Line(school, decider)
    with racers():
        submit_shuffled(school, line.free_seats() + line.wish_seats())
        await_decisions(school)

    assert seated_of(line.academy, line.waiting) == line.eligible[:FREED]
    assert seated_of(line.academy, line.newcomers) == []
    assert len(line.academy.seated(WANTED)) == SEATS
    assert skips(school) == {
        *((one.user, "time_conflict") for one in line.busy),
        *((one.user, "too_late_to_change") for one in line.late),
    }
    assert len(deciders(school) - {None}) > 1
    assert check_invariants(school.engine).violations == []


def test_control_without_the_waitlist_s_precedence_a_newcomer_gets_a_freed_seat(
    school: School, racers: Racers, decider: Decider
) -> None:
    line = Line(school, decider)
    with racers("the waitlist's precedence"):
        submit_shuffled(school, line.free_seats() + line.wish_seats())
        await_decisions(school)
    assert seated_of(line.academy, line.newcomers)


class Leaving:
    """Two full classes; every other one of those who wait for both leaves in good time."""

    def __init__(self, school: School, decider: Decider) -> None:
        self.academy = academy = make_academy(school, [FREED, 1], choices=[[0, 1]])
        self.holders = academy.enrol(FREED)
        academy.seat(decider, [(0, 0, self.holders), (0, 1, academy.enrol(1))])
        waiting = academy.enrol(2 * FREED)
        academy.queue(decider, waiting, 0, 1)
        academy.queue(decider, waiting, 0, 0)
        self.leaving, self.staying = waiting[::2], waiting[1::2]
        self.newcomers = academy.enrol(NEWCOMERS)

    def run(self, priority: Priority = Priority.WAITLIST) -> None:
        """Before each seat that staff free, the first in line has left."""
        academy = self.academy
        with academy.school.engine.begin() as db:
            for one in self.newcomers:
                academy.book(db, one, 0, 0)
        for leaver, holder in zip(self.leaving, self.holders, strict=True):
            with academy.school.engine.begin() as db:
                academy.leave(db, leaver, 0, priority)
            with academy.school.engine.begin() as db:
                academy.cancel_package(db, holder)
        await_decisions(academy.school)

    def promoted(self) -> list[Student]:
        return seated_of(self.academy, sorted(self.leaving + self.staying, key=lambda s: s.user))


def test_who_has_left_the_waitlist_before_a_seat_is_freed_is_not_promoted(
    school: School, racers: Racers, decider: Decider
) -> None:
    line = Leaving(school, decider)
    with racers():
        line.run()

    assert line.promoted() == line.staying
    assert check_invariants(school.engine).violations == []


def test_control_when_leaving_waits_in_line_unheeded_somebody_who_left_is_promoted(
    school: School, racers: Racers, decider: Decider
) -> None:
    line = Leaving(school, decider)
    with racers("requests to leave"):
        line.run(Priority.ORDINARY)
    assert line.promoted() != line.staying
