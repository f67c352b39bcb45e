"""Who has asked to leave the waitlist is not promoted, wherever that request still waits."""

from collections.abc import Iterable

from models import round as rounds
from models.deciding import decide_lane
from models.lanes import LANES
from models.round import Decider
from tests.races.academy import Academy, make_academy
from tests.school import School


def decide_all(decider: Decider, lanes: Iterable[int]) -> None:
    for lane in lanes:
        decide_lane(decider, lane)


def full_class(school: School, decider: Decider) -> tuple[Academy, list[int]]:
    """One seat, taken; the first step can be taken there, the second in another class."""
    academy = make_academy(school, [1, 9])
    academy.seat(decider, [(0, 0, academy.enrol(1))])
    return academy, [id_ % LANES for id_ in academy.classes]


def free_the_seat(academy: Academy, decider: Decider) -> None:
    with academy.school.engine.begin() as db:
        academy.set_capacity(db, 0, 2)
    decide_all(decider, [academy.classes[0] % LANES])


def test_a_request_to_leave_that_waits_behind_its_package_s_booking_is_heeded(
    school: School, decider: Decider
) -> None:
    academy, lanes = full_class(school, decider)
    leaving, next_one = academy.enrol(2)
    academy.queue(decider, [leaving, next_one], 0, 0)
    with school.engine.begin() as db:
        booking = academy.book(db, leaving, 1, 1)
        left = academy.leave(db, leaving, 0)
    assert school.job(booking).lanes == [lanes[1]]
    with school.engine.connect() as db:
        assert rounds.take_lane(db, lanes[1])  # so that the booking and who waits for it stand
        free_the_seat(academy, decider)

    assert next_one.user in academy.seated(0)
    assert leaving.user not in academy.seated(0)
    decide_all(decider, range(LANES))
    assert set(academy.outcomes([booking, left]).values()) == {"SUCCEEDED"}


def test_who_joined_and_left_in_one_moment_is_not_promoted_in_between(
    school: School, decider: Decider
) -> None:
    academy, lanes = full_class(school, decider)
    [student] = academy.enrol(1)
    with school.engine.begin() as db:
        jobs = [academy.join(db, student, 0, 0), academy.leave(db, student, 0)]
    assert school.job(jobs[1]).lanes != [lanes[0]]
    decide_lane(decider, lanes[0])
    free_the_seat(academy, decider)

    assert student.user not in academy.seated(0)
    decide_all(decider, range(LANES))
    assert set(academy.outcomes(jobs).values()) == {"SUCCEEDED"}
