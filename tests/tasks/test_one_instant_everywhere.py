"""API, page, mail and calendar tell the same instant, whatever the clocks do at that time."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app import create_app
from app.settings import Settings
from tests.app.students import Student
from tests.calendars import instants, only_event, read_calendar
from tests.school import DAY, Course, School
from tests.tasks.invitations import carries, invitation
from tests.tasks.post import Post

HOUR = timedelta(hours=1)
HALF = timedelta(minutes=30)

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
]


@pytest.fixture
def client(engine: Engine, settings: Settings) -> FlaskClient:
    return create_app(settings).test_client()


def changes(zone: str, after: datetime) -> Iterator[datetime]:
    """The instants at which the clocks of a zone change."""
    known, instant = ZoneInfo(zone), after.replace(minute=0, second=0, microsecond=0)
    while True:
        later = instant + HALF
        if instant.astimezone(known).utcoffset() != later.astimezone(known).utcoffset():
            yield later
        instant = later


def furnish(school: School, zone: str, starts: list[datetime]) -> Course:
    course = school.course(sessions=0)
    school.change("group_class", course.group_class, time_zone=zone)
    course.sessions = [
        school.session(course.group_class, start_at=start, lasts=HOUR) for start in starts
    ]
    return course


def told_by_api(student: Student) -> tuple[datetime, datetime]:
    [package] = student.get("/api/students/me/course-packages").json
    [step] = package["steps"]
    session = step["session"]
    assert session["startAt"].endswith("Z")
    return datetime.fromisoformat(session["startAt"]), datetime.fromisoformat(session["endAt"])


def told_by_page(client: FlaskClient, student: Student) -> tuple[datetime, str]:
    """The start, and what a reader sees of it: the time by the venue's clocks."""
    html = client.get("/", headers=student.headers).text
    [(start, words)] = re.findall(r'<time datetime="([^"]*)">([^<]*)</time>', html)
    return datetime.fromisoformat(start), words


def walk_through(
    client: FlaskClient, student: Student, starts: list[datetime], zone: str, post: Post
) -> None:
    """Book, change twice, cancel; every time ask API, page, mail and feed."""
    feed = urlsplit(student.get("/api/students/me/calendar").json["url"]).path
    uids = set()
    for sequence, start in enumerate(starts):
        session = student.course.sessions[sequence]
        body = {"courseStepOptionId": student.course.option, "sessionId": session}
        assert student.call("change" if sequence else "book", body).status_code == 202
        [letter] = post.messages()
        read, sent = client.get(feed).data, invitation(letter)
        assert carries(letter) == ("REQUEST", sequence)
        assert only_event(read).sequence == sequence
        assert told_by_api(student) == (start, start + HOUR)
        told, words = told_by_page(client, student)
        assert told == start
        assert f", {start.astimezone(ZoneInfo(zone)):%-I:%M}" in words
        assert instants(sent) == (start, start + HOUR)
        assert instants(read) == (start, start + HOUR)
        uids |= {only_event(read).uid, only_event(sent).uid}
    assert student.call("cancel").status_code == 202
    [letter] = post.messages()

    assert carries(letter) == ("CANCEL", len(starts))
    assert instants(invitation(letter)) == (starts[-1], starts[-1] + HOUR)
    assert read_calendar(client.get(feed).data).events == []
    assert uids == {only_event(invitation(letter)).uid}


@pytest.mark.parametrize("zone", ZONES)
def test_book_change_twice_cancel_is_the_same_everywhere(
    zone: str, client: FlaskClient, settings: Settings, school: School, post: Post
) -> None:
    # where clocks never change, the times at which they do elsewhere
    changing = "Europe/Berlin" if zone == "Asia/Kolkata" else zone
    for change in islice(changes(changing, school.now + 5 * DAY), 2):
        # before the clocks change, across it, and right after, where an hour may come again
        starts = [change - HOUR, change - HALF, change]
        student = Student(client, settings, furnish(school, zone, starts))
        walk_through(client, student, starts, zone, post)
