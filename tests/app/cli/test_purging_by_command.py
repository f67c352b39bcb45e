"""`flask --app app purge`: what it prints, and how it ends."""

import json
from datetime import datetime

import pytest

from models.round import Decider
from tests.app.cli.commands import Flask
from tests.deciding import decide_all
from tests.school import DAY, School
from tests.webhook_rows import change


def test_purge_prints_a_line_for_each_kind(
    flask: Flask, school: School, decider: Decider, now: datetime
) -> None:
    pupil = school.course().pupil()
    old, fresh = pupil.cancel(), pupil.cancel()
    decide_all(decider)
    aged = "UPDATE booking_job SET submitted_at = :at, decided_at = :at WHERE id = :id"
    change(school.engine, aged, id=old, at=now - 31 * DAY)

    counted = flask("purge", "--older-than", 30, "--dry-run")
    assert (counted.exit_code, counted.stderr) == (0, "")
    assert counted.stdout.splitlines()[0] == "jobs: 1 would be purged"
    purged = flask("purge", "--older-than", 30)
    assert (purged.exit_code, purged.stderr) == (0, "")
    assert purged.stdout.splitlines() == [
        "jobs: 1 purged",
        "messages: 0 purged",
        "reminders: 0 purged",
        "skips: 0 purged",
        "deliveries: 0 purged",
        "events: 0 purged",
    ]
    assert school.rows("SELECT id FROM booking_job") == [(fresh,)]
    as_json = json.loads(flask("purge", "--older-than", 30, "--json").stdout)
    assert as_json["dryRun"] is False
    assert as_json["purged"]["jobs"] == 0


@pytest.mark.parametrize("arguments", [[], ["--older-than", "6"], ["--older-than", "a week"]])
def test_what_was_promised_for_days_cant_be_purged_before(
    flask: Flask, arguments: list[str]
) -> None:
    result = flask("purge", *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "--older-than" in result.stderr
