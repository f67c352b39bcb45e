"""Rows with sessions thousands of years ahead, as they could be planned once."""

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app import create_app
from app.settings import Settings
from tests.app.students import Student
from tests.calendars import instants
from tests.school import School
from tests.tasks.invitations import invitation
from tests.tasks.post import Post

HOUR = timedelta(hours=1)
ENDS = [
    datetime(9999, 12, 31, 23, 30, tzinfo=UTC),
    datetime(9998, 6, 1, 10, tzinfo=UTC),
    datetime(8026, 6, 1, 10, tzinfo=UTC),
]


@pytest.fixture
def client(engine: Engine, settings: Settings) -> FlaskClient:
    return create_app(settings).test_client()


@pytest.mark.parametrize("end_at", ENDS, ids=[str(end.year) for end in ENDS])
def test_mail_and_feed_tell_them_and_take_no_time(
    school: School,
    post: Post,
    client: FlaskClient,
    settings: Settings,
    *,
    end_at: datetime,
) -> None:
    course = school.course(sessions=0)
    session = school.session(course.group_class, start_at=end_at - HOUR, lasts=HOUR)
    student = Student(client, settings, course)
    body = {"courseStepOptionId": course.option, "sessionId": session}
    assert student.call("book", body).status_code == 202
    began = time.process_time()
    [letter] = post.messages()
    feed = client.get(urlsplit(student.get("/api/students/me/calendar").json["url"]).path)

    assert feed.status_code == 200
    assert instants(feed.data) == instants(invitation(letter)) == (end_at - HOUR, end_at)
    assert time.process_time() - began < 2
