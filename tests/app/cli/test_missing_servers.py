"""What works without a server, and how it is told which one is missing."""

from pathlib import Path

import click
import pytest

from app import create_app
from app.cli.failures import Failure
from app.reading_settings import read_settings
from app.settings import InvalidSetting, Settings
from app.timetable.lines import COLUMNS
from tests.app.cli.commands import commands_of, flask_process, python

NO_DATABASE = (
    "Thrive Booking: DATABASE_URL is not set and no embedded server is running here: start"
    " `make run` beside this, or set it, for example"
    " DATABASE_URL=postgresql://user:password@host/thrive\n"
)


@pytest.fixture
def nothing(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who has set nothing, with nothing running."""
    return {"VAR_DIR": str(tmp_path / "var"), "DATABASE_URL": "", "REDIS_URL": ""}


@pytest.fixture
def nothing_set(nothing: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.settings.CHECKOUT", tmp_path)  # whose .env isn't there
    for name, value in nothing.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def settings_of_a_command(nothing_set: None) -> Settings:
    with click.Context(click.Command("some-command")):
        return read_settings()


def test_help_lists_the_commands_without_servers(nothing: dict[str, str]) -> None:
    ended = flask_process("--help", environ=nothing)
    assert (ended.returncode, ended.stderr) == (0, "")
    for command in ("check", "convert-timetable", "db", "import-catalog", "token"):
        assert f"\n  {command} " in ended.stdout


def test_each_command_has_its_help_without_servers(settings_of_a_command: Settings) -> None:
    flask = commands_of(settings_of_a_command)
    for command in ("check", "convert-timetable", "db", "import-catalog", "token", "sweep"):
        result = flask(command, "--help")
        assert (result.exit_code, result.stderr) == (0, "")


def test_a_timetable_is_converted_without_servers(
    settings_of_a_command: Settings, tmp_path: Path
) -> None:
    timetable = tmp_path / "timetable.csv"
    timetable.write_text(",".join(COLUMNS) + "\n")
    outputs = ["--catalog", tmp_path / "c.json", "--enrolments", tmp_path / "e.jsonl"]
    result = commands_of(settings_of_a_command)("convert-timetable", timetable, *outputs)
    assert result.exit_code == 0
    assert (tmp_path / "c.json").is_file()


def test_a_database_is_migrated_without_a_broker(
    nothing_set: None, bare: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", bare.database_url)
    with click.Context(click.Command("some-command")):
        flask = commands_of(read_settings())
    result = flask("db", "upgrade")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith("(the newest)\n")


def test_a_command_without_its_database_ends_with_one_line(nothing: dict[str, str]) -> None:
    ended = flask_process("check", environ=nothing)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", NO_DATABASE)


@pytest.mark.parametrize(
    "arguments",
    [["token", "1"], ["db", "upgrade"], ["db", "shell"], ["release"], ["sweep"]],
)
def test_so_does_every_other_command_that_needs_one(
    settings_of_a_command: Settings, arguments: list[str]
) -> None:
    result = commands_of(settings_of_a_command)(*arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", NO_DATABASE)


@pytest.mark.parametrize(
    "arguments",
    [
        ["-c", "import app.wsgi"],
        ["-m", "celery", "--app", "app.worker", "report"],
        ["-m", "flask", "--app", "app", "run"],
    ],
)
def test_what_serves_or_works_doesnt_start_without_servers(
    nothing: dict[str, str], arguments: list[str]
) -> None:
    ended = python(*arguments, environ=nothing)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", NO_DATABASE)


@pytest.mark.parametrize("arguments", [["--help"], ["check"]])
def test_a_wrong_setting_ends_every_command_with_one_line(
    nothing: dict[str, str], arguments: list[str]
) -> None:
    ended = flask_process(*arguments, environ=nothing | {"PORT": "http"})
    assert (ended.returncode, ended.stdout) == (1, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("Thrive Booking: PORT is 'http', which is not a whole number")


def test_each_server_is_missed_by_whoever_reaches_for_it(settings_of_a_command: Settings) -> None:
    settings = settings_of_a_command
    assert settings.port == 8000
    with pytest.raises(Failure, match="DATABASE_URL is not set"):
        _ = settings.database_url
    for name in ("broker_url", "redis_url", "limits_url"):
        with pytest.raises(Failure, match="REDIS_URL is not set"):
            getattr(settings, name)


def test_whoever_makes_the_application_outside_a_command_needs_all_servers(
    nothing_set: None,
) -> None:
    with pytest.raises(InvalidSetting, match="DATABASE_URL is not set"):
        create_app()
