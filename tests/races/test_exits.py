"""Every way out of a seat gives back exactly one, however many decide the same job at once."""

import random
from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection, text

from models.invariants import check_invariants
from models.round import Decider
from tests.races.academy import Student, make_academy
from tests.races.contests import Racers, await_decisions
from tests.school import School

EACH = 8
"""How many take each way out."""
FIRST, SECOND, CANCELLED, ELSEWHERE, FULL = range(5)


class Exits:
    """Students who cancel, change, lose their package or their session, or are promoted away."""

    def __init__(self, school: School, decider: Decider) -> None:
        self.academy = academy = make_academy(
            school, [50, 50, 50, 50, EACH], choices=[list(range(5))], scattered=True
        )
        self.cancelling, self.changing, self.losing = (academy.enrol(EACH) for _ in range(3))
        self.dropped, self.full, self.swapping = (academy.enrol(EACH) for _ in range(3))
        academy.seat(
            decider,
            [
                (0, FIRST, [*self.cancelling, *self.changing]),
                (0, SECOND, [*self.losing, *self.swapping]),
                (0, CANCELLED, self.dropped),
                (0, FULL, self.full),
            ],
        )
        academy.queue(decider, self.swapping, 0, FULL)

    @property
    def leaving(self) -> list[Student]:
        """Everybody whose first seat is given back."""
        return [
            *(self.cancelling + self.changing + self.losing),
            *(self.dropped + self.full + self.swapping),
        ]

    def submit(self) -> None:
        academy = self.academy
        calls: list[Callable[[Connection], object]] = [
            partial(academy.cancel_session, place=CANCELLED),
            *(partial(academy.cancel, who=one, step=0) for one in self.cancelling + self.full),
            *(partial(academy.change, who=one, step=0, place=ELSEWHERE) for one in self.changing),
            *(partial(academy.cancel_package, who=one) for one in self.losing),
        ]
        random.shuffle(calls)
        with academy.school.engine.begin() as db:
            for call in calls:
                call(db)

    def given_back(self) -> dict[int, int]:
        """How many seats were given back for each of these students."""
        query = text(
            "SELECT user_id, -sum(change) AS n FROM seat_ledger JOIN booking ON booking.id ="
            " booking_id WHERE change < 0 GROUP BY user_id"
        )
        with self.academy.school.engine.connect() as db:
            return {row.user_id: int(row.n) for row in db.execute(query)}

    def are_right(self) -> bool:
        """Whether each gave back one seat, and those who changed or were promoted have another."""
        moved = {one.user for one in self.changing + self.swapping}
        seats = self.academy.seats_of(self.leaving)
        return (
            self.given_back() == {one.user: 1 for one in self.leaving}
            and {user for user, count in seats.items() if count} == moved
            and set(seats.values()) == {0, 1}
        )


def test_every_exit_gives_back_one_seat_though_all_decide_the_same_jobs(
    school: School, racers: Racers, decider: Decider
) -> None:
    exits = Exits(school, decider)
    exits.submit()
    with racers("lanes") as logged:
        await_decisions(school)

    assert exits.are_right()
    assert check_invariants(school.engine).violations == []
    assert not logged


def test_control_without_row_locks_too_a_seat_is_given_back_twice(
    school: School, racers: Racers, decider: Decider, no_seat_check: None
) -> None:
    exits = Exits(school, decider)
    exits.submit()
    with racers("lanes", "row locks"):
        await_decisions(school)
    assert not exits.are_right()
