"""Setting a session's capacity, judged without a database."""

from typing import Any

from models.booking_job import JobKind
from models.desk import Changes, Promotion, Seats
from models.refusal import RefusalCode
from models.verdict import Verdict
from tests.models.rules.situation import (
    BY_STAFF,
    DAY,
    Situation,
    reads,
    refusal,
    result,
)

CAPACITY = JobKind.SET_CAPACITY


def set_capacity(situation: Situation, session: Seats, seats: int, **asked: Any) -> Verdict:
    return situation.ask(CAPACITY, about=session, capacity_max=seats, fields=BY_STAFF, **asked)


def test_the_capacity_may_be_lowered_to_the_seats_that_are_taken() -> None:
    situation = Situation()
    session = situation.session(capacity=9, taken=4)
    told = result(set_capacity(situation, session, 4))

    assert session.capacity_max == 4
    assert told["affected"] == []
    assert told["session"]["capacity_max"] == 4
    assert situation.desk.changes == Changes(sessions={session.id: session})


def test_the_capacity_is_never_below_the_seats_that_are_taken() -> None:
    situation = Situation()
    session = situation.session(capacity=9, taken=4)
    verdict = set_capacity(situation, session, 3)

    assert refusal(verdict) == reads(
        RefusalCode.CAPACITY_TOO_LOW, f"4 seats of session {session.id} are taken"
    )
    assert session.capacity_max == 9
    assert situation.desk.changes == Changes()


def test_seats_that_are_added_go_to_who_waits() -> None:
    situation = Situation()
    session = situation.full_session()
    situation.somebody_waits(session)
    told = result(set_capacity(situation, session, 3))

    assert situation.desk.changes.promotions == {session.id: Promotion(session, None)}
    assert told["affected"] == []
    assert session.seats_taken == 2


def test_a_dry_run_of_setting_the_capacity_says_who_would_be_promoted() -> None:
    situation = Situation()
    session = situation.full_session()
    waiting = situation.step(package=39, user=39)
    option = situation.option(waiting)
    swapping = situation.step(package=38, user=38)
    old = situation.holds(swapping, situation.session(9 * DAY))
    entries = [
        situation.waits(waiting, option, session),
        situation.waits(swapping, option, session),
    ]
    situation.line(session, *entries)
    told = result(set_capacity(situation, session, 4, dry_run=True))

    assert told == {
        "dry_run": True,
        "affected": [
            {"student_id": 39, "booking_id": None, "outcome": "PROMOTED", "alternatives": []},
            {
                "student_id": 38,
                "booking_id": old.booking_id,
                "outcome": "PROMOTED",
                "alternatives": [],
            },
        ],
    }


def test_a_dry_run_of_a_capacity_that_adds_no_seat_promotes_nobody() -> None:
    situation = Situation()
    session = situation.full_session()
    situation.somebody_waits(session)

    assert result(set_capacity(situation, session, 2, dry_run=True))["affected"] == []
    assert situation.desk.changes.promotions == {}
