"""Cancelling, moving, raising, adding, seating: a dry run first where it would concern many."""

import re
from typing import Any

import pytest

from tests.school import Course, Pupil, School
from tests.web.browsing import Browser, text_of
from tests.web.staff.deeds import done, hidden, really, send

pytestmark = pytest.mark.usefixtures("decided", "deciding")


@pytest.fixture
def path(course: Course) -> str:
    return f"/staff/sessions/{course.sessions[0]}"


def session(school: School, course: Course) -> Any:
    query = "SELECT status, start_at, capacity_max FROM session WHERE id = :id"
    return school.rows(query, id=course.sessions[0])[0]


def test_whom_a_cancelled_session_concerns_is_listed_before_it_is_done(
    staff: Browser, school: School, course: Course, pupil: Pupil, path: str
) -> None:
    before = session(school, course)
    tried = send(staff, f"{path}/cancel", hidden(staff, f"{path}/cancel") | {"reason": "Ill"})

    told = staff.read(tried)
    assert "Tried out only" in told
    assert "1 student" in told
    assert "Loses the seat" in told
    assert "Is offered instead" in told
    assert session(school, course) == before
    assert pupil.sits_in() == course.sessions[0]

    told = really(staff, tried)
    assert "Whom it concerned" in told
    assert "Tried out only" not in told
    assert session(school, course)[0] == "CANCELLED"
    assert pupil.sits_in() is None
    assert "Cancelled" in staff.read(path)
    refused = done(staff, f"{path}/cancel", {"formKey": "again", "reason": "Ill", "dryRun": "1"})
    assert "Not possible" in refused


def test_a_session_is_moved_by_the_venues_clocks(
    staff: Browser, school: School, course: Course, pupil: Pupil, path: str
) -> None:
    times = {"startAt": "2027-07-01T10:00", "endAt": "2027-07-01T11:30", "reason": "Room"}
    tried = send(staff, f"{path}/move", hidden(staff, f"{path}/move") | times)

    told = staff.read(tried)
    assert "Moves along" in told
    assert "Thursday, July 1, 2027, 10:00 AM–11:30 AM Berlin time" in told
    assert "Whom it concerned" in really(staff, tried)
    # in Berlin it is two hours later than in Greenwich then
    assert session(school, course)[1].isoformat() == "2027-07-01T08:00:00+00:00"
    assert pupil.sits_in() == course.sessions[0]


def test_seats_are_added_and_go_to_who_waits(
    staff: Browser, school: School, course: Course, path: str
) -> None:
    fields = hidden(staff, f"{path}/capacity") | {"reason": "Larger room"}
    tried = send(staff, f"{path}/capacity", fields | {"capacityMax": "5"})

    told = staff.read(tried)
    assert "Nobody." in told
    assert "5 seats in all" in told
    assert session(school, course)[2] == 2
    told = really(staff, tried)
    assert "Done" in told
    # nobody has a seat by the deed itself, and staff mustn't take that for a failure
    assert "Free seats go to whoever waits for this session" in told
    assert "Nobody." not in told
    assert session(school, course)[2] == 5
    low = done(staff, f"{path}/capacity", fields | {"capacityMax": "0"})
    assert "Not possible" in low


def test_what_is_wrong_with_a_form_is_told_on_it(staff: Browser, path: str) -> None:
    times = {"startAt": "2027-07-01T10:00", "endAt": "2027-07-01T09:00", "reason": "Room"}
    for deed, fields, sentence in (
        ("cancel", {"reason": "  "}, "Please fill this in."),
        ("cancel", {"reason": "x" * 501}, "between 1 and 500"),
        ("move", times, "The end must be after the beginning."),
        ("move", times | {"endAt": "soon"}, "Please give a day and a time."),
        ("move", times | {"endAt": "2027-02-30T10:00"}, "Please give a day and a time."),
        ("capacity", {"reason": "x", "capacityMax": "many"}, "Please give a whole number."),
        ("capacity", {"reason": "x", "capacityMax": "-1"}, "Please give a whole number."),
    ):
        answer = staff.post(f"{path}/{deed}", {"formKey": "a", "dryRun": "1"} | fields)
        assert answer.status_code == 422, (deed, fields)
        assert sentence in text_of(answer), (deed, text_of(answer))
        assert 'aria-invalid="true"' in answer.text
        if len(fields["reason"]) > 2:
            assert fields["reason"] in answer.text


def test_the_same_form_sent_twice_makes_one_job_and_another_one_two(
    staff: Browser, path: str
) -> None:
    fields = hidden(staff, f"{path}/cancel") | {"reason": "Ill"}

    first, second = (send(staff, f"{path}/cancel", fields) for _ in range(2))
    other = send(staff, f"{path}/cancel", fields | {"reason": "Flood"})

    assert first == second
    assert other != first


def test_a_session_is_added_to_a_class(staff: Browser, school: School, course: Course) -> None:
    found = staff.get("/staff/sessions/add?q=YOG").text
    add = f"/staff/classes/{course.group_class}/add"
    assert add in found
    assert "No class is called like that" in staff.read("/staff/sessions/add?q=nothing")
    times = {"startAt": "2027-01-15T10:00", "endAt": "2027-01-15T11:00"}

    told = done(staff, add, hidden(staff, add) | times)
    assert "Friday, January 15, 2027, 10:00 AM–11:00 AM Berlin time" in told
    query = "SELECT capacity_max FROM session WHERE start_at = '2027-01-15T09:00Z'"
    assert school.rows(query) == [(2,)]
    wrong = staff.post(add, {"formKey": "a", "startAt": "", "capacityMax": "all"})
    assert wrong.status_code == 422
    assert "Please fill this in." in text_of(wrong)


def test_somebody_is_given_a_seat(staff: Browser, school: School, path: str) -> None:
    school.person(name="Dora Dropin")
    seat = f"{path}/seat"

    found = staff.get(f"{seat}?q=dora").text
    assert "Nobody is called like that" in staff.read(f"{seat}?q=nobody")
    user = re.search(r'name="userId" value="(\d+)"', found)
    assert user
    fields = hidden(staff, f"{seat}?q=dora") | {"userId": user[1], "bookingType": "DROP_IN"}
    assert "Done" in done(staff, seat, fields)
    assert "Dora Dropin" in staff.read(path)
    assert "Drop-in" in staff.read(path)
    wrong = staff.post(f"{seat}?q=dora", {"formKey": "a", "bookingType": "GIFT"})
    assert wrong.status_code == 422
    assert "Dora Dropin" in wrong.text
