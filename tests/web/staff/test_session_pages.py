"""The timetable and one session: what is listed, the roster, attendance."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from tests.school import Course, Pupil, School
from tests.web.browsing import Browser, text_of
from tests.web.staff.deeds import done, full_session, hidden, many_sessions

MONDAY = datetime(2027, 3, 1, 9, tzinfo=UTC)
WEEK = "2027-W09"


@pytest.fixture
def yoga(school: School) -> int:
    return school.group_class(4)


def test_a_week_is_listed_by_day_with_seats_and_the_weeks_around(
    staff: Browser, school: School, yoga: int
) -> None:
    school.session(yoga, start_at=MONDAY)
    school.session(yoga, start_at=MONDAY + timedelta(days=1), status="CANCELLED")
    school.session(yoga, start_at=MONDAY + timedelta(days=7))

    told = staff.read(f"/staff/sessions?week={WEEK}")
    assert "Monday, March 1, 2027 10:00 AM–11:00 AM Berlin time" in told
    assert "0 of 4 seats taken" in told
    assert "Tuesday, March 2, 2027" in told
    assert "Cancelled" in told
    assert "March 8" not in told
    html = staff.get(f"/staff/sessions?week={WEEK}").text
    assert 'href="/staff/sessions?week=2027-W08"' in html
    assert 'href="/staff/sessions?week=2027-W10"' in html
    assert "No session begins this week" in staff.read("/staff/sessions?week=2027-W20")


def test_an_empty_week_leads_to_the_next_one_that_isnt(
    staff: Browser, school: School, yoga: int
) -> None:
    school.session(yoga, start_at=MONDAY)

    assert f'<a href="/staff/sessions?week={WEEK}">' in staff.get("/staff/sessions").text
    assert "To the next one" not in staff.read("/staff/sessions?week=2027-W20")


def test_a_week_can_be_that_of_one_class(staff: Browser, school: School, yoga: int) -> None:
    school.session(yoga, start_at=MONDAY)
    school.session(school.group_class(name="Pottery"), start_at=MONDAY)

    told = staff.get(f"/staff/sessions?week={WEEK}&groupClassId={yoga}").text
    assert "Pottery<span" not in told
    assert "Yoga<span" in told
    assert f'value="{yoga}" selected' in told


@pytest.mark.parametrize(
    "week", ["2027-W54", "2027-W00", "next", "0001-W01", "9999-W52", "२०२७-W०९"]
)
def test_a_week_that_there_is_not_is_said(staff: Browser, week: str) -> None:
    answer = staff.get(f"/staff/sessions?week={week}")
    assert answer.status_code == 422
    assert "There is no such week" in answer.text


@pytest.mark.parametrize("query", ["groupClassId=x", "cursor=x", "status=GONE"])
def test_a_filter_that_says_nothing_is_told(staff: Browser, query: str) -> None:
    answer = staff.get(f"/staff/sessions?{query}")
    assert answer.status_code == 422
    assert "Please check this" in answer.text


def test_a_full_week_is_listed_in_pages(staff: Browser, school: School, yoga: int) -> None:
    many_sessions(school, yoga, MONDAY, 60)

    first = staff.get(f"/staff/sessions?week={WEEK}")
    assert first.text.count('class="card line') == 50
    assert len(first.data) < 100_000
    later = re.search(r'href="([^"]*cursor=[^"]*)"', first.text)
    assert later
    second = staff.get(later[1].replace("&amp;", "&"))
    assert second.text.count('class="card line') == 10
    assert "To the first page" in second.text


@pytest.mark.usefixtures("decided")
def test_a_session_shows_who_has_a_seat_and_gives_it_as_csv(
    staff: Browser, course: Course, pupil: Pupil
) -> None:
    path = f"/staff/sessions/{course.sessions[0]}"

    told = staff.read(path)
    assert "1 of 2 seats taken" in told
    back = re.search(r'href="(/staff/sessions\?[^"]*)"', staff.get(path).text)
    assert back
    assert f'href="{path}"' in staff.get(back[1].replace("&amp;", "&")).text
    assert "Step 1" in told
    assert "Booked" in told
    link = re.search(r'href="([^"]*\.csv)"', staff.get(path).text)
    assert link
    answer = staff.get(link[1])
    assert answer.content_type.startswith("text/csv")
    assert str(pupil.id) in answer.text
    assert "Nobody has a seat" in staff.read(f"/staff/sessions/{course.sessions[1]}")


@pytest.mark.usefixtures("decided", "deciding")
def test_attendance_is_marked_and_taken_back(
    teacher: Browser, course: Course, pupil: Pupil
) -> None:
    path, booking = f"/staff/sessions/{course.sessions[0]}", pupil.booking().id

    for mark in ("ATTENDED", "NO_SHOW", "CONFIRMED"):
        fields = hidden(teacher, path) | {f"mark-{booking}": mark}
        assert "Done" in done(teacher, f"{path}/attendance", fields)
        assert pupil.booking().status == mark
    same = teacher.post(f"{path}/attendance", hidden(teacher, path) | {f"mark-{booking}": mark})
    assert same.status_code == 422
    assert "Nothing was marked differently" in text_of(same)


def test_a_mark_that_there_is_not_is_told(staff: Browser, course: Course) -> None:
    path = f"/staff/sessions/{course.sessions[0]}/attendance"
    for mark in ({"mark-1": "LATE"}, {"mark-x": "ATTENDED"}):
        answer = staff.post(path, {"formKey": "a"} | mark)
        assert answer.status_code == 422
        assert "Please check this" in answer.text


def test_a_large_roster_is_shown_in_pages(staff: Browser, school: School) -> None:
    session = full_session(school, 60)

    first = staff.get(f"/staff/sessions/{session}")
    assert first.text.count("<select name") == 50
    assert len(first.data) < 100_000
    later = re.search(r'href="([^"]*cursor=[^"]*)"', first.text)
    assert later
    assert staff.get(later[1].replace("&amp;", "&")).text.count("<select name") == 10
    assert staff.get(f"/staff/sessions/{session}?cursor=x").status_code == 422


def test_a_session_leads_back_to_the_week_that_it_is_listed_in(
    browser: Browser, school: School
) -> None:
    """By the reader's clocks it is Monday, by UTC still Sunday."""
    browser.sign_in(school.person("STAFF", time_zone="Pacific/Auckland"))
    sunday = datetime(2031, 1, 5, 20, tzinfo=UTC)
    session = school.session(school.group_class(), start_at=sunday)

    address = re.search(
        r'href="(/staff/sessions\?[^"]*)"', browser.get(f"/staff/sessions/{session}").text
    )

    assert address
    assert f"/staff/sessions/{session}" in browser.get(unescape(address[1])).text
