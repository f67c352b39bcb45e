"""The private calendar: its address, and what is read there."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from app import create_app
from app.settings import Settings
from models.round import Decider
from tests.app.students import Student, decide
from tests.app.visitors import Visitor
from tests.calendars import instants, only_event, read_calendar
from tests.school import School

PATH = "/api/students/me/calendar"
ASKING = 8


@pytest.fixture
def visitor(client: FlaskClient, settings: Settings, school: School) -> Visitor:
    return Visitor(client, settings, school.person())


def address(visitor: Visitor | Student) -> str:
    """The path of somebody's feed."""
    answer = visitor.get(PATH)
    assert (answer.status_code, set(answer.json)) == (200, {"url"})
    return urlsplit(answer.json["url"]).path


def rotate(visitor: Visitor) -> TestResponse:
    return visitor.client.post(f"{PATH}/rotate", headers=visitor.headers)


def test_the_address_is_made_once_and_holds_a_secret(visitor: Visitor, settings: Settings) -> None:
    url = visitor.get(PATH).json["url"]

    begin = re.escape(f"{settings.public_url}/api/calendar/")
    assert re.fullmatch(rf"{begin}[A-Za-z0-9_-]{{43}}\.ics", url)
    assert visitor.get(PATH).json["url"] == url


def test_people_reach_the_feed_where_they_reach_the_site(
    engine: Engine, settings: Settings, school: School
) -> None:
    public = replace(settings, public_url="https://booking.example/school")
    client = create_app(public).test_client()
    url = Visitor(client, public, school.person()).get(PATH).json["url"]

    assert url.startswith("https://booking.example/school/api/calendar/")


def test_who_asks_first_in_several_places_gets_one_address(visitor: Visitor) -> None:
    together = Barrier(ASKING)

    def ask(_: int) -> str:
        together.wait(10)
        return address(visitor)

    with ThreadPoolExecutor(ASKING) as pool:
        assert len(set(pool.map(ask, range(ASKING)))) == 1


def test_another_address_ends_the_old_one(client: FlaskClient, visitor: Visitor) -> None:
    before = address(visitor)
    answer = rotate(visitor)
    after = urlsplit(answer.json["url"]).path

    assert answer.status_code == 200
    assert after != before
    assert address(visitor) == after
    assert client.get(after).status_code == 200
    assert client.get(before).status_code == 404


def test_every_address_that_is_none_is_answered_alike(
    client: FlaskClient, visitor: Visitor, school: School
) -> None:
    old = address(visitor)
    rotate(visitor)
    other_purpose = "U" * 43
    with school.engine.begin() as db:
        db.exec_driver_sql(
            "INSERT INTO user_token SELECT id, 'UNSUBSCRIBE', %s, now() FROM user_account"
            " WHERE id = %s",
            (other_purpose, visitor.id),
        )
    paths = [
        old,
        f"/api/calendar/{other_purpose}.ics",
        f"/api/calendar/{'A' * 43}.ics",
        *(f"/api/calendar/{odd}.ics" for odd in ("", "A", "A" * 44, "%00" * 43, "é" * 43, "A b")),
        old.removesuffix(".ics"),
        f"{old}/",
    ]
    answers = [client.get(path) for path in paths]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert not any("ETag" in answer.headers for answer in answers)


def test_the_address_is_shown_to_its_owner_alone(client: FlaskClient, visitor: Visitor) -> None:
    other = Visitor(client, visitor.settings, visitor.id + 1000)

    assert address(visitor)
    for method, path in (("GET", PATH), ("POST", f"{PATH}/rotate")):
        assert client.open(path, method=method).status_code == 401
        assert client.open(path, method=method, headers=other.headers).status_code == 401


def test_the_feed_holds_what_is_booked_and_lets_go_of_what_is_cancelled(
    client: FlaskClient, student: Student, decider: Decider, school: School
) -> None:
    path = address(student)
    assert read_calendar(client.get(path).data).events == []
    student.book()
    decide(decider)
    answer = client.get(path)
    [(start, end)] = school.rows("SELECT start_at, end_at FROM session")
    told = only_event(answer.data)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="sessions.ics"'
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert (told.summary, told.sequence) == ("Course, Step 1: The step number 1", 0)
    whole = [moment.replace(microsecond=0) for moment in (start, end)]
    assert list(instants(answer.data)) == whole
    student.call("cancel")
    decide(decider)
    assert read_calendar(client.get(path).data).events == []


def test_the_feed_needs_no_login_and_is_nobody_elses(
    client: FlaskClient, settings: Settings, school: School, decider: Decider
) -> None:
    course = school.course()
    students = [Student(client, settings, course) for _ in range(2)]
    students[0].book()
    decide(decider)
    feeds = [client.get(address(student)).data for student in students]

    assert [len(read_calendar(feed).events) for feed in feeds] == [1, 0]


def test_a_feed_that_hasnt_changed_is_not_sent_again(
    client: FlaskClient, student: Student, decider: Decider
) -> None:
    student.book()
    decide(decider)
    path = address(student)
    first = client.get(path)
    tag = first.headers["ETag"]
    again = client.get(path, headers={"If-None-Match": tag})

    assert client.get(path).data == first.data
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Cache-Control"] == "private, no-cache"
    student.call("cancel")
    decide(decider)
    changed = client.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_the_feeds_head_is_asked_for_alone(client: FlaskClient, student: Student) -> None:
    path = address(student)
    whole, head = client.get(path), client.head(path)

    assert (head.status_code, head.data) == (200, b"")
    for name in ("ETag", "Content-Type", "Content-Length", "Cache-Control"):
        assert head.headers[name] == whole.headers[name]
    assert client.post(path).status_code == 405


def test_no_log_line_holds_an_address(
    client: FlaskClient, student: Student, settings: Settings
) -> None:
    path = address(student)
    secret = path.rpartition("/")[2].removesuffix(".ics")
    away = replace(settings, database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    with capture_logs() as lines:
        statuses = [
            client.get(path).status_code,
            client.get(path, headers={"If-None-Match": "*"}).status_code,
            client.get(f"/api/calendar/{secret}x.ics").status_code,
            client.post(path).status_code,
            create_app(away).test_client().get(path).status_code,
        ]

    assert statuses == [200, 304, 404, 405, 503]
    assert "/api/calendar/<token:token>.ics" in str(lines)
    assert secret not in str(lines)


def test_a_feed_costs_two_statements(
    client: FlaskClient, student: Student, decider: Decider, application: Any
) -> None:
    student.book()
    decide(decider)
    path = address(student)
    statements: list[str] = []
    engine: Engine = application.extensions["runtime"].statements

    @event.listens_for(engine, "before_cursor_execute")
    def _note(*args: Any) -> None:
        statements.append(args[2])

    assert client.get(path).status_code == 200
    event.remove(engine, "before_cursor_execute", _note)
    assert len(statements) == 2


def test_the_document_tells_all_answers(client: FlaskClient) -> None:
    paths = client.get("/api/openapi.json").json["paths"]
    path = paths["/api/calendar/{token}.ics"]
    feed = path["get"]

    assert {"200", "304", "404", "405", "503"} <= set(feed["responses"])
    assert feed["security"] == []
    assert "text/calendar" in feed["responses"]["200"]["content"]
    assert set(feed["responses"]["200"]["headers"]) == {
        "ETag",
        "Cache-Control",
        "Content-Disposition",
        "X-Request-Id",
    }
    [token] = [p for p in path["parameters"] if p["name"] == "token"]
    assert token["schema"] == {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$"}
    assert set(paths[PATH]) >= {"get"}
    assert set(paths[f"{PATH}/rotate"]) >= {"post"}
