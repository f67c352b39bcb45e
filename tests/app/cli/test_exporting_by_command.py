"""`flask --app app export-user`: one JSON document, or one line that says why not."""

import json
from datetime import datetime

import pytest

from models.round import Decider
from tests.app.cli.commands import Flask
from tests.models.a_life import SECRET, a_life
from tests.school import School


def test_everything_is_one_json_document(
    flask: Flask, school: School, decider: Decider, now: datetime
) -> None:
    life = a_life(school, decider, now)
    result = flask("export-user", life.pupil.id)
    assert (result.exit_code, result.stderr) == (0, "")
    document = json.loads(result.stdout)
    assert document["userId"] == life.pupil.id
    assert document["profile"]["timeZone"] == "Europe/Berlin"
    assert document["bookings"][0]["createdAt"].endswith("Z")
    assert {booking["sessionId"] for booking in document["bookings"]} >= set(life.course.sessions)
    by_email = json.loads(flask("export-user", "--email", f"{SECRET}@school.example").stdout)
    assert by_email | {"exportedAt": 0} == document | {"exportedAt": 0}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["7"], 1), (["--email", "who@school.example"], 1), ([], 2), (["1", "--email", "a@b"], 2)],
)
def test_nothing_of_nobody(flask: Flask, arguments: list[str], code: int) -> None:
    result = flask("export-user", *arguments)
    assert result.exit_code == code
    assert result.stdout == ""
    assert result.stderr
    assert code == 2 or len(result.stderr.splitlines()) == 1
