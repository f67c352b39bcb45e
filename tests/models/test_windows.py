"""Until when a seat may be changed or cancelled: to the second, across switches of the clock."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.round import Decider
from tests.deciding import booked, decide_all
from tests.school import DAY, HOUR, Course, Pupil, School

pytestmark = pytest.mark.usefixtures("sound")

SECOND = timedelta(seconds=1)
SWITCHES = [
    ("Europe/Berlin", (2027, 3, 28), timedelta(hours=1)),
    ("Europe/Berlin", (2027, 10, 31), timedelta(hours=-1)),
    ("America/New_York", (2027, 3, 14), timedelta(hours=1)),
    ("America/New_York", (2027, 11, 7), timedelta(hours=-1)),
    ("Australia/Lord_Howe", (2027, 10, 3), timedelta(minutes=30)),
    ("Australia/Lord_Howe", (2027, 4, 4), timedelta(minutes=-30)),
]
"""Days on which a venue's clock is put on or back, and by how much."""


def ask(pupil: Pupil, what: str, at: datetime) -> object:
    return pupil.cancel(at=at) if what == "cancel" else pupil.change(at=at)


@pytest.mark.parametrize("what", ["change", "cancel"])
@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: f"{switch[0]} {switch[2]}")
def test_a_window_of_a_day_is_24_hours_whatever_the_venues_clock_does(
    school: School, decider: Decider, switch: tuple[str, tuple[int, int, int], timedelta], what: str
) -> None:
    """Judged when it was submitted: all of it is decided an hour before the start."""
    zone, day, shift = switch
    noon = datetime(*day, 12, tzinfo=ZoneInfo(zone))
    assert noon.utcoffset() - (noon - DAY).utcoffset() == shift
    start = datetime.fromtimestamp(noon.timestamp(), tz=ZoneInfo("UTC"))
    school = replace(school, now=start - 3 * DAY)
    early = replace(decider, clock=lambda: school.now)
    course = school.course(sessions=0)
    school.change("group_class", course.group_class, time_zone=zone)
    held = school.session(course.group_class, start_at=start)
    pupils = [booked(course, early, held) for _ in range(3)]
    school.session(course.group_class, start_at=start + DAY)
    before_start = [DAY + SECOND, DAY, DAY - SECOND]
    jobs = [
        ask(pupil, what, start - before) for pupil, before in zip(pupils, before_start, strict=True)
    ]
    decide_all(decider, start - HOUR)

    assert [school.job(job).status for job in jobs] == ["SUCCEEDED", "SUCCEEDED", "REFUSED"]
    assert school.refusal(jobs[2]) == f"too_late_to_{what}"
    assert [pupil.sits_in() == held for pupil in pupils] == [False, False, True]


@pytest.mark.parametrize("what", ["change", "cancel"])
def test_a_program_may_have_windows_of_its_own(school: School, decider: Decider, what: str) -> None:
    course = school.course(
        sessions=2,
        change_window_hours=48 if what == "change" else 0,
        cancel_window_hours=48 if what == "cancel" else 0,
    )
    pupils = [booked(course, decider, course.sessions[0]) for _ in range(2)]
    closes = school.now + 3 * DAY - 2 * DAY
    jobs = [ask(pupils[0], what, closes), ask(pupils[1], what, closes + SECOND)]
    decide_all(decider)

    school.result(jobs[0])
    assert school.refusal(jobs[1]) == f"too_late_to_{what}"


@pytest.mark.parametrize("what", ["change", "cancel"])
def test_a_window_of_no_hours_is_open_until_the_start(
    school: School, decider: Decider, what: str
) -> None:
    course = school.course(sessions=2, change_window_hours=0, cancel_window_hours=0)
    pupils = [booked(course, decider, course.sessions[0]) for _ in range(2)]
    start = school.now + 3 * DAY
    jobs = [ask(pupils[0], what, start), ask(pupils[1], what, start + SECOND)]
    decide_all(decider)

    school.result(jobs[0])
    assert school.refusal(jobs[1]) == f"too_late_to_{what}"


def test_a_booking_keeps_the_windows_that_it_was_made_with(
    school: School, decider: Decider
) -> None:
    course = school.course()
    pupil = booked(course, decider)
    school.change("course_program", course.program, cancel_window_hours=100)
    job = pupil.cancel()
    decide_all(decider)
    school.result(job)


def test_it_is_the_held_sessions_start_that_counts_not_the_wanted_ones(
    school: School, decider: Decider
) -> None:
    course = school.course(sessions=0)
    soon = school.session(course.group_class, 2 * HOUR)
    later = school.session(course.group_class, 5 * DAY)
    pupils = [booked(course, decider, session) for session in (soon, later)]
    jobs = [pupils[0].change(later), pupils[1].change(soon)]
    decide_all(decider)

    assert school.refusal(jobs[0]) == "too_late_to_change"
    assert pupils[0].sits_in() == soon
    assert school.result(jobs[1])["booking"]["session_id"] == soon


@pytest.mark.parametrize("what", ["change", "cancel"])
def test_staff_keep_to_the_windows_unless_they_waive_them(
    school: School, decider: Decider, what: str
) -> None:
    course = school.course(sessions=0)
    soon = school.session(course.group_class, HOUR)
    pupil = booked(course, decider, soon)
    school.session(course.group_class, DAY)
    staff, booking = school.staff(), pupil.booking().id

    def ask_staff(override: str | None) -> object:
        if what == "cancel":
            return staff.cancel(booking, override=override)
        return staff.change(booking, course.option, override=override)

    plain = ask_staff(None)
    decide_all(decider)
    waived = ask_staff("Ill, with a certificate")
    decide_all(decider)

    assert school.refusal(plain) == f"too_late_to_{what}"
    school.result(waived)
    assert pupil.sits_in() != soon


def attended(course: Course, decider: Decider) -> Pupil:
    """Somebody who came to the first session, which is over by now."""
    pupil = booked(course, decider, course.sessions[0])
    course.school.staff().mark(course.sessions[0], {pupil.booking().id: "ATTENDED"})
    decide_all(decider)
    return pupil


@pytest.mark.parametrize("override", [None, "By mistake"])
def test_a_completed_step_stays_even_for_staff(
    school: School, decider: Decider, override: str | None
) -> None:
    course = school.course(sessions=2)
    pupil = attended(course, decider)
    staff, booking = school.staff(), pupil.booking().id
    jobs = [
        pupil.change(),
        pupil.cancel(),
        staff.change(booking, course.option, override=override),
        staff.cancel(booking, override=override),
    ]
    decide_all(decider)

    assert [school.refusal(job) for job in jobs] == ["too_late_to_change", "too_late_to_cancel"] * 2
    assert pupil.sits_in() == course.sessions[0]
