"""What staff do to webhooks."""

import re
import socket
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app import create_app
from app.settings import Settings
from models.event_types import EventType
from tests.app.visitors import Visitor, refused_cursors
from tests.private_hosts import PRIVATE_HOSTS
from tests.school import School
from tests.webhook_rows import change, deliveries, endpoint, happens

PATH = "/api/admin/webhooks"
URL = "https://hooks.school.invalid/thrive?x=1"
BOOKED, MOVED = EventType.STEP_BOOKED, EventType.SESSION_MOVED
OF_ONE = [
    ("PATCH", "", {"enabled": False}),
    ("DELETE", "", None),
    ("GET", "/deliveries", None),
    ("POST", "/rotate-secret", None),
    ("POST", "/test", None),
    ("POST", "/replay", {"after": 0}),
]
CALLS = [("POST", "", {"url": URL}), ("GET", "", None), *OF_ONE]


def ask(visitor: Visitor, method: str, path: str, body: Any = None) -> Any:
    return visitor.client.open(path, method=method, json=body, headers=visitor.headers)


def made(staff: Visitor, **body: Any) -> Any:
    answer = staff.post(PATH, {"url": URL, **body})
    assert answer.status_code == 201, answer.text
    return answer.json


def audited(school: School) -> list[tuple[Any, ...]]:
    return school.rows(
        "SELECT action, actor_id, subject, subject_id, source, detail FROM audit_entry ORDER BY id"
    )


def test_an_endpoint_is_made_with_a_secret_that_is_shown_once(
    staff: Visitor, school: School
) -> None:
    shown = made(staff, eventTypes=[BOOKED, MOVED])
    secret = shown.pop("secret")
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    assert shown.pop("createdAt").endswith("Z")
    assert shown == {
        "id": 1,
        "url": URL,
        "eventTypes": [BOOKED, MOVED],
        "enabled": True,
        "disabledAt": None,
        "disabledReason": None,
        "failingSince": None,
        "previousSecretUntil": None,
        "createdBy": staff.id,
    }
    listed = staff.get(PATH)
    assert secret not in listed.text
    assert listed.json["items"][0]["url"] == URL
    detail = {"host": urlsplit(URL).netloc, "event_types": [BOOKED, MOVED]}
    assert audited(school) == [
        ("create_webhook", staff.id, "webhook_endpoint", 1, "127.0.0.1", detail)
    ]
    assert made(staff)["eventTypes"] is None
    assert made(staff, eventTypes=None)["secret"] != secret


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("url", {}),
        *[("url", {"url": wrong}) for wrong in (None, 1, "", "x", "ftp://a.example", "http://")],
        *[("url", {"url": wrong}) for wrong in ("http://u:p@a.example", "http://a\u0000.example")],
        ("url", {"url": "HTTPS://a.example"}),
        ("url", {"url": "https://a.example/" + "x" * 2000}),
        *[("eventTypes[0]", {"url": URL, "eventTypes": [wrong]}) for wrong in ("x", 1, None)],
        *[("eventTypes", {"url": URL, "eventTypes": wrong}) for wrong in ([], "x", [BOOKED] * 2)],
        ("secret", {"url": URL, "secret": "mine"}),
    ],
)
def test_what_is_no_endpoint_is_invalid_and_the_field_is_named(
    staff: Visitor, engine: Engine, field: str, body: Any
) -> None:
    answer = staff.post(PATH, body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert staff.items(PATH) == []


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
def test_an_address_that_is_not_public_is_refused_and_nothing_connects(
    staff: Visitor, engine: Engine, host: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        answer = staff.post(PATH, {"url": f"http://{host}:{listener.getsockname()[1]}/"})
        assert answer.status_code == 422
        assert answer.json["errors"] == {"url": ["Must lead to a public address."]}
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_where_it_is_allowed_a_private_address_is_taken(settings: Settings, staff: Visitor) -> None:
    client: FlaskClient = create_app(replace(settings, webhook_allow_private=True)).test_client()
    visitor = Visitor(client, settings, staff.id)
    assert visitor.post(PATH, {"url": "http://127.0.0.1:6379/"}).status_code == 201


def test_a_name_that_can_not_be_looked_up_now_is_taken(staff: Visitor, engine: Engine) -> None:
    assert made(staff, url="https://not-yet.invalid/")["enabled"] is True


def test_endpoints_are_listed_page_by_page(staff: Visitor, engine: Engine) -> None:
    ids = [made(staff)["id"] for _ in range(3)]
    assert [page["items"][0]["id"] for page in staff.pages(PATH)] == ids
    refused_cursors(staff, PATH)


def test_an_endpoint_is_disabled_and_enabled_again(staff: Visitor, school: School) -> None:
    path = f"{PATH}/{made(staff)['id']}"
    off = staff.patch(path, {"enabled": False})
    assert (off.status_code, off.json["enabled"], off.json["disabledReason"]) == (
        *(200, False, "STAFF"),
    )
    assert off.json["disabledAt"].endswith("Z")
    again = staff.patch(path, {"enabled": False}).json
    assert again["disabledAt"] == off.json["disabledAt"]
    on = staff.patch(path, {"enabled": True}).json
    assert (on["enabled"], on["disabledAt"], on["disabledReason"]) == (True, None, None)
    assert "secret" not in on
    assert [deed[0] for deed in audited(school)] == [
        *("create_webhook", "disable_webhook", "enable_webhook"),
    ]
    for wrong in ({}, {"enabled": None}, {"enabled": 1}, {"enabled": True, "url": URL}):
        assert staff.patch(path, wrong).status_code == 422


def test_what_was_deleted_is_there_no_more_and_gets_nothing(staff: Visitor, school: School) -> None:
    path = f"{PATH}/{made(staff)['id']}"
    deleted = ask(staff, "DELETE", path)
    assert (deleted.status_code, deleted.data) == (204, b"")
    assert staff.items(PATH) == []
    for method, end, body in OF_ONE:
        assert ask(staff, method, path + end, body).status_code == 404
    happens(school.engine, BOOKED)
    assert deliveries(school.engine) == []
    assert audited(school)[-1][:4] == ("delete_webhook", staff.id, "webhook_endpoint", 1)


def test_a_rotation_shows_the_new_secret_once_and_says_how_long_both_sign(
    staff: Visitor, school: School
) -> None:
    endpoint_ = made(staff)
    path = f"{PATH}/{endpoint_['id']}"
    rotated = staff.post(f"{path}/rotate-secret")
    assert rotated.status_code == 200
    assert rotated.json["secret"] != endpoint_["secret"]
    assert rotated.json["previousSecretUntil"].endswith("Z")
    (kept,) = school.rows("SELECT secret, previous_secret FROM webhook_endpoint")
    assert kept == (rotated.json["secret"], endpoint_["secret"])
    assert audited(school)[-1][0] == "rotate_webhook_secret"
    assert not [row for row in audited(school) if "whsec_" in str(row)]


def test_a_test_is_queued_and_shown_among_the_deliveries(staff: Visitor, school: School) -> None:
    path = f"{PATH}/{made(staff, eventTypes=[MOVED])['id']}"
    happens(school.engine, MOVED)
    queued = staff.post(f"{path}/test")
    assert queued.status_code == 202
    shown = dict(queued.json)
    for instant in ("createdAt", "nextAttemptAt"):
        assert shown.pop(instant).endswith("Z")
    assert re.fullmatch(r"[0-9a-f-]{36}", shown.pop("eventId"))
    assert shown == {
        "id": 2,
        "eventType": "webhook.test",
        "cursor": None,
        "cause": "TEST",
        "status": "PENDING",
        "attempts": 0,
        "responseStatus": None,
        "lastError": None,
        "finishedAt": None,
    }
    newest, older = staff.items(f"{path}/deliveries")
    assert newest == queued.json
    assert (older["cause"], older["cursor"], older["eventType"]) == ("EVENT", 1, MOVED)
    assert audited(school)[-1][0] == "test_webhook"


def test_deliveries_say_how_the_last_attempt_went_page_by_page(
    staff: Visitor, school: School
) -> None:
    path = f"{PATH}/{endpoint(school.engine, URL).id}/deliveries"
    other = f"{PATH}/{endpoint(school.engine, URL, MOVED).id}/deliveries"
    happens(school.engine, *[BOOKED] * 3)
    change(
        school.engine,
        "UPDATE webhook_delivery SET status = 'DEAD', attempts = 10, response_status = 500,"
        " last_error = 'answered 500', finished_at = now() WHERE id = 2",
    )
    pages = [page["items"][0] for page in staff.pages(path)]
    assert [delivery["id"] for delivery in pages] == [3, 2, 1]
    dead = pages[1]
    assert (dead["status"], dead["attempts"], dead["responseStatus"], dead["lastError"]) == (
        *("DEAD", 10, 500, "answered 500"),
    )
    assert dead["finishedAt"].endswith("Z")
    assert staff.items(other) == []
    refused_cursors(staff, path)


def test_a_replay_says_how_much_it_queued_and_where_to_go_on(
    staff: Visitor, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.webhook_deliveries.REPLAYED_AT_ONCE", 2)
    happens(school.engine, *[BOOKED] * 3)
    path = f"{PATH}/{made(staff)['id']}/replay"
    first = staff.post(path, {"after": 0})
    assert (first.status_code, first.json) == (202, {"queued": 2, "next": 2})
    assert staff.post(path, {"after": 2}).json == {"queued": 1, "next": None}
    assert staff.post(path, {"after": 2**63 - 1}).json == {"queued": 0, "next": None}
    assert len(deliveries(school.engine)) == 3
    for wrong in (None, -1, 2**63, 1.0, "1", True):
        answer = staff.post(path, {"after": wrong})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["after"])


@pytest.mark.parametrize(("method", "end", "body"), CALLS)
def test_only_staff_may_and_only_with_what_is_there(  # noqa: PLR0917 - fixtures
    staff: Visitor,
    teacher: Visitor,
    learner: Visitor,
    engine: Engine,
    method: str,
    end: str,
    body: Any,
) -> None:
    path = PATH + ("/1" + end if (method, end, body) in OF_ONE else end)
    for visitor in (teacher, learner):
        answer = ask(visitor, method, path, body)
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    assert staff.client.open(path, method=method, json=body).status_code == 401
    if (method, end, body) in OF_ONE:
        for unknown in ("999", "0", "x", str(2**63)):
            answer = ask(staff, method, path.replace("/1", f"/{unknown}"), body)
            assert (answer.status_code, answer.json["code"]) == (404, "not_found")
