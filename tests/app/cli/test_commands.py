import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.settings import Settings
from app.timetable.lines import COLUMNS
from app.tokens import read_token
from tests.app.cli.commands import Flask
from tests.catalogs import small_catalog


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


def test_a_cohort_of_an_unknown_program_is_one_fault_whatever_it_pins(
    flask: Flask, catalog: Callable[[Any], Path]
) -> None:
    document = small_catalog()
    document["cohorts"][0]["sessions"].append({"courseStepOptionId": 2, "sessionId": 3})
    assert flask("import-catalog", catalog(document)).exit_code == 0
    document["cohorts"][0]["programId"] = 77
    result = flask("import-catalog", catalog({**document, "packages": []}))
    assert result.exit_code == 1
    assert result.stderr == "$.cohorts[0].programId: there is no program 77\n"


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
        (["--email", "a\udcff"], 1),  # how Python reads the byte 0xFF
        (["--email", "a\x00b"], 1),
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
    assert code == 2 or len(result.stderr.splitlines()) == 1


def test_a_token_comes_as_json_too(flask: Flask, catalog: Callable[[Any], Path]) -> None:
    flask("import-catalog", catalog(small_catalog()))
    made = json.loads(flask("token", "2", "--minutes", "5", "--json").stdout)
    assert made.keys() == {"token", "userId", "minutes"}
    assert (made["userId"], made["minutes"]) == (2, 5)


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


@pytest.fixture
def timetable(tmp_path: Path) -> Path:
    """Two lines that make sense, by teachers whose names differ by case, and two that don't."""
    path = tmp_path / "timetable.csv"
    path.write_text(
        ",".join(COLUMNS) + "\n"
        "YOGA-1,YOGA,LEC,01,1,M,9:00AM,10:00AM,2023-08-28,2023-09-10,10,3,,Jane O'Hara\n"
        "YOGA-1,YOGA,LEC,02,2,M,9:00AM,10:00AM,2023-08-28,2023-09-10,10,0,,JANE O'HARA\n"
        "YOGA-1,YOGA,LAB,01,3,,,,2023-08-28,2023-09-10,10,3,,T1\n"
        "YOGA-1,YOGA,LEC,03,1,M,9:00AM,10:00AM,2023-08-28,2023-09-10,10,3,,T1\n"
    )
    return path


@pytest.fixture
def outputs(tmp_path: Path) -> list[str | Path]:
    return ["--catalog", tmp_path / "c.json", "--enrolments", tmp_path / "e.jsonl"]


def test_convert_timetable_writes_a_catalog_that_can_be_imported(
    flask: Flask, timetable: Path, outputs: list[str | Path], tmp_path: Path
) -> None:
    result = flask("convert-timetable", timetable, "--starts", "2040-01-02", *outputs)
    assert result.exit_code == 0
    assert "sessions: 4" in result.stdout.splitlines()
    assert result.stderr.splitlines() == [
        "line 4: has no meetings: neither days nor times; left out",
        "line 5: CRN 1 has another section on line 2; left out",
    ]
    imported = flask("import-catalog", tmp_path / "c.json")
    assert (imported.exit_code, imported.stderr) == (0, "")
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


def test_convert_timetable_counts_every_line_that_it_left_out(
    flask: Flask, timetable: Path, outputs: list[str | Path]
) -> None:
    result = flask("convert-timetable", timetable, *outputs, "--json")
    assert json.loads(result.stdout) == {
        "linesTaken": 2,
        "linesLeftOut": 2,
        "users": 5,
        "groupClasses": 2,
        "programs": 1,
        "cohorts": 1,
        "packages": 3,
        "sessions": 4,
        "enrolments": 3,
    }


def test_a_file_that_is_no_timetable_is_one_line(
    flask: Flask, outputs: list[str | Path], tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n")
    result = flask("convert-timetable", other, *outputs)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{other} must begin with the columns course,")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("catalog_name", "enrolments_name"),
    [
        ("same.json", "same.json"),
        ("same.json", "folder/../same.json"),
        ("timetable.csv", "e.jsonl"),
        ("c.json", "link.csv"),
    ],
)
def test_convert_timetable_writes_over_neither_its_input_nor_its_own_output(
    flask: Flask, timetable: Path, tmp_path: Path, catalog_name: str, enrolments_name: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.csv").hardlink_to(timetable)
    before = timetable.read_bytes()
    outputs = ["--catalog", tmp_path / catalog_name, "--enrolments", tmp_path / enrolments_name]
    result = flask("convert-timetable", timetable, *outputs)
    assert result.exit_code == 2
    assert "are one file; each needs one of its own" in result.stderr
    assert timetable.read_bytes() == before
    assert not (tmp_path / "same.json").exists()


@pytest.mark.parametrize("day", ["0001-01-01", "1970-12-31", "2198-01-01", "9999-12-31", "soon"])
def test_a_timetable_starts_in_a_year_that_a_catalog_can_hold(
    flask: Flask, timetable: Path, outputs: list[str | Path], day: str
) -> None:
    result = flask("convert-timetable", timetable, "--starts", day, *outputs)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--starts" in result.stderr


def test_a_timetable_can_start_in_the_first_and_in_the_last_year(
    flask: Flask, timetable: Path, outputs: list[str | Path], tmp_path: Path
) -> None:
    for day in ("1971-01-01", "2197-12-31"):
        assert flask("convert-timetable", timetable, "--starts", day, *outputs).exit_code == 0
        assert flask("import-catalog", tmp_path / "c.json").exit_code == 0
