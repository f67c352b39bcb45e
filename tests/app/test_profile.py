"""One's own profile."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.settings import Settings
from tests.app.visitors import Visitor
from tests.school import School

PATH = "/api/students/me"


@pytest.fixture
def visitor(client: FlaskClient, settings: Settings, school: School) -> Visitor:
    return Visitor(client, settings, school.person(name="Ann", email="ann@school.example"))


@pytest.mark.parametrize("role", ["STUDENT", "TEACHER", "STAFF", "ADMIN"])
def test_a_profile_is_shown_to_whoever_is_signed_in(
    client: FlaskClient, settings: Settings, school: School, role: str
) -> None:
    visitor = Visitor(client, settings, school.person(role, name="Ann", email="a@school.example"))
    assert visitor.get(PATH).json == {
        "id": visitor.id,
        "name": "Ann",
        "email": "a@school.example",
        "role": role,
        "timeZone": "UTC",
        "locale": "en",
        "reminders": True,
    }
    assert visitor.patch(PATH, {"name": "Bea"}).json["name"] == "Bea"


def test_what_is_changed_stays_changed_and_the_rest_as_it_was(
    visitor: Visitor, school: School
) -> None:
    other = Visitor(visitor.client, visitor.settings, school.person(name="Other"))
    before = visitor.get(PATH).json
    changes = {"name": "Zoë Ünal", "timeZone": "America/New_York", "locale": "de-AT"}
    changes |= {"reminders": False}
    assert visitor.patch(PATH, changes).json == before | changes
    assert visitor.get(PATH).json == before | changes
    assert other.get(PATH).json["name"] == "Other"


@pytest.mark.parametrize("body", [{}, {"name": None, "reminders": None, "locale": None}])
def test_nothing_named_changes_nothing(visitor: Visitor, body: dict[str, Any]) -> None:
    before = visitor.get(PATH).json
    answer = visitor.patch(PATH, body)
    assert (answer.status_code, answer.json) == (200, before)


def test_blanks_around_a_name_are_left_out(visitor: Visitor) -> None:
    assert visitor.patch(PATH, {"name": "  Ann B. "}).json["name"] == "Ann B."


@pytest.mark.parametrize("name", ["x", "x" * 200])
def test_a_name_of_any_allowed_length_is_taken(visitor: Visitor, name: str) -> None:
    assert visitor.patch(PATH, {"name": name}).json["name"] == name


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("name", name) for name in ("", "   ", "\u00a0", "x" * 201, 5, True, ["Ann"])),
        *(("name", f"Ann{sign}Bcc: x@y.example") for sign in ("\r", "\n", "\t", "\x00", "\x85")),
        ("name", "\nAnn"),
        ("name", "Ann\u2028"),
        *(("timeZone", zone) for zone in ("Mars/Base", "", "europe/berlin", "../etc/passwd", 1)),
        *(("locale", tag) for tag in ("", "x", "english", "de_", "de AT", "de\n", 1)),
        *(("reminders", flag) for flag in (1, 0, "true", "false", "", [])),
        ("role", "ADMIN"),
        ("email", "other@school.example"),
        ("id", 1),
    ],
)
def test_a_wrong_field_is_named_and_changes_nothing(
    visitor: Visitor, field: str, value: object
) -> None:
    before = visitor.get(PATH).json
    answer = visitor.patch(PATH, {"name": "Changed"} | {field: value})
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert visitor.get(PATH).json == before


def test_a_profile_is_for_those_who_are_signed_in(client: FlaskClient) -> None:
    assert client.get(PATH).status_code == 401
    assert client.patch(PATH, json={}).status_code == 401


def test_a_change_is_a_json_object(visitor: Visitor) -> None:
    empty = visitor.client.patch(PATH, headers=visitor.headers)
    assert (empty.status_code, empty.json["code"]) == (400, "body_required")
    assert visitor.patch(PATH, []).status_code == 422
