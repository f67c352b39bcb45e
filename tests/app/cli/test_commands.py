import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import Engine, text

from app import create_app
from app.settings import Settings
from app.timetable.lines import COLUMNS
from app.tokens import read_token
from migrations.commands import downgrade, upgrade
from tests.catalogs import small_catalog

Flask = Callable[..., Result]


@pytest.fixture
def flask(engine: Engine, settings: Settings) -> Flask:
    """`flask --app app …` on this worker's empty database."""
    return commands_of(settings)


def commands_of(settings: Settings) -> Flask:
    runner = create_app(settings).test_cli_runner()
    return lambda *arguments: runner.invoke(args=[str(argument) for argument in arguments])


@pytest.fixture
def catalog(tmp_path: Path) -> Callable[[Any], Path]:
    def write(document: Any) -> Path:
        path = tmp_path / "catalog.json"
        path.write_text(json.dumps(document))
        return path

    return write


def test_import_catalog_prints_what_was_new_changed_and_the_same(
    flask: Flask, catalog: Callable[[Any], Path]
) -> None:
    file = catalog(small_catalog())
    first, second = flask("import-catalog", file), flask("import-catalog", file)
    assert first.exit_code == second.exit_code == 0
    assert first.stdout.splitlines() == [
        "users: 2 new, 0 changed, 0 same",
        "groupClasses: 2 new, 0 changed, 0 same",
        "sessions: 3 new, 0 changed, 0 same",
        "programs: 1 new, 0 changed, 0 same",
        "steps: 2 new, 0 changed, 0 same",
        "options: 2 new, 0 changed, 0 same",
        "cohorts: 1 new, 0 changed, 0 same",
        "pins: 1 new, 0 changed, 0 same",
        "packages: 1 new, 0 changed, 0 same",
        "progress: 2 new, 0 changed, 0 same",
    ]
    assert second.stdout.splitlines()[0] == "users: 0 new, 0 changed, 2 same"
    assert first.stderr == ""


def test_import_catalog_lists_every_fault_on_stderr(
    flask: Flask, catalog: Callable[[Any], Path]
) -> None:
    document = small_catalog()
    document["users"][0]["email"] = "x"
    document["packages"][0]["cohortId"] = 5
    result = flask("import-catalog", catalog(document))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "$.users[0].email: must be a mail address such as ana@school.example",
        "$.packages[0].cohortId: there is no cohort 5",
    ]


def test_import_catalog_gives_json(flask: Flask, catalog: Callable[[Any], Path]) -> None:
    good = flask("import-catalog", catalog(small_catalog()), "--json")
    assert json.loads(good.stdout)["sessions"] == {"new": 3, "changed": 0, "same": 0}
    bad = flask("import-catalog", catalog([]), "--json")
    assert json.loads(bad.stdout) == {"faults": [{"path": "$", "reason": "must be an object"}]}


def test_a_file_that_is_not_there_is_a_usage_error(flask: Flask) -> None:
    result = flask("import-catalog", "nowhere.json")
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


def test_a_token_is_one_line_that_names_the_user(
    flask: Flask, settings: Settings, catalog: Callable[[Any], Path]
) -> None:
    flask("import-catalog", catalog(small_catalog()))
    now = datetime.now(UTC)
    for arguments in (["2"], ["--email", "STU@school.example"], ["2", "--minutes", "5"]):
        result = flask("token", *arguments)
        assert result.exit_code == 0
        (token,) = result.stdout.splitlines()
        assert read_token(settings, token, now) == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["7"], 1),
        (["--email", "who@school.example"], 1),
        ([], 2),
        (["0"], 2),
        (["x"], 2),
        (["1", "--email", "a@b.example"], 2),
        (["1", "--minutes", "0"], 2),
    ],
)
def test_no_token_for_nobody(flask: Flask, arguments: list[str], code: int) -> None:
    result = flask("token", *arguments)
    assert result.exit_code == code
    assert result.stdout == ""
    assert result.stderr


def test_check_says_ok_or_which_row_breaks_which_rule(
    flask: Flask, engine: Engine, catalog: Callable[[Any], Path]
) -> None:
    flask("import-catalog", catalog(small_catalog()))
    good = flask("check")
    assert (good.exit_code, good.stdout) == (0, "ok: 3 sessions, 0 bookings\n")
    with engine.begin() as db:
        db.execute(text("UPDATE session SET seats_taken = 1 WHERE id = 3"))
    bad = flask("check")
    assert bad.exit_code == 1
    assert bad.stdout.splitlines() == [
        "violation seats_counted 3 seats_taken is 1, bookings hold 0",
        "violation seats_ledgered 3 seats_taken is 1, the ledger says 0",
    ]
    as_json = json.loads(flask("check", "--json").stdout)
    assert as_json["ok"] is False
    assert as_json["violations"][0]["id"] == "3"


def test_convert_timetable_writes_a_catalog_that_can_be_imported(
    flask: Flask, tmp_path: Path
) -> None:
    timetable = tmp_path / "timetable.csv"
    timetable.write_text(
        ",".join(COLUMNS) + "\n"
        "YOGA-1,YOGA,LEC,01,1,M,9:00AM,10:00AM,2023-08-28,2023-09-10,10,3,,T1\n"
        "YOGA-1,YOGA,LAB,01,2,,,,2023-08-28,2023-09-10,10,3,,T1\n"
    )
    outputs = ["--catalog", tmp_path / "c.json", "--enrolments", tmp_path / "e.jsonl"]
    result = flask("convert-timetable", timetable, "--starts", "2040-01-02", *outputs)
    assert result.exit_code == 0
    assert "sessions: 2" in result.stdout.splitlines()
    assert result.stderr == "line 3: has no meetings: neither days nor times; left out\n"
    assert flask("import-catalog", tmp_path / "c.json").exit_code == 0
    enrolments = (tmp_path / "e.jsonl").read_text().splitlines()
    assert json.loads(enrolments[0]) == {
        "userId": 10001,
        "packageId": 1,
        "courseStepId": 1,
        "courseStepOptionId": 1,
        "sessionId": 1,
        "course": "YOGA-1",
    }
    assert len(enrolments) == 3


def test_a_file_that_is_no_timetable_is_one_line(flask: Flask, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n")
    outputs = ["--catalog", tmp_path / "c.json", "--enrolments", tmp_path / "e.jsonl"]
    result = flask("convert-timetable", other, *outputs)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{other} must begin with the columns course,")


def test_a_database_that_is_away_is_one_line(engine: Engine, settings: Settings) -> None:
    nowhere = replace(settings, database_url="postgresql+psycopg://thrive@127.0.0.1:1/thrive")
    for arguments in (["check"], ["token", "1"], ["db", "current"]):
        result = commands_of(nowhere)(*arguments)
        assert result.exit_code == 1
        assert result.stderr.startswith("The database is away or busy: ")
        assert len(result.stderr.splitlines()) == 1


@pytest.fixture
def bare(engine: Engine, settings: Settings) -> Iterator[Settings]:
    """The settings of this worker's database, taken down to nothing for the test."""
    downgrade(engine, "base")
    yield settings
    upgrade(engine)


def test_db_upgrades_and_downgrades_and_says_where_it_stands(bare: Settings) -> None:
    flask = commands_of(bare)
    assert flask("check").stderr == (
        "The database isn't migrated: run flask --app app db upgrade\n"
    )
    assert flask("db", "current").stdout.startswith("revision none ")
    assert flask("db", "upgrade", "0003").stdout.startswith("revision 0003 ")
    assert flask("db", "upgrade").stdout.endswith("(the newest)\n")
    assert flask("db", "downgrade", "base").stdout.startswith("revision none ")
    assert flask("db", "upgrade", "nonsense").exit_code == 1


def test_release_migrates_somebodys_own_database_and_leaves_it_empty(bare: Settings) -> None:
    flask = commands_of(bare)
    assert flask("release").exit_code == 0
    assert flask("check").stdout == "ok: 0 sessions, 0 bookings\n"


def test_release_puts_the_demo_into_the_embedded_database_once(bare: Settings) -> None:

    servers = {"pid": os.getpid(), "database_url": bare.database_url}
    (bare.var / "servers.json").write_text(json.dumps(servers))
    flask = commands_of(bare)
    try:
        assert "demo school" in flask("release").stdout
        assert flask("release").stdout == ""
    finally:
        (bare.var / "servers.json").unlink()
    assert flask("check").stdout == "ok: 71 sessions, 22 bookings\n"
    assert (bare.var / "demo.json").is_file()
