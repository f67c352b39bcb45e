import os
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from app.cli.failures import fails_in_one_line
from app.settings import Settings
from models.connection import make_engine
from tests.app.cli.commands import commands_of, flask_process

SECRET = "ada.secret@students.example"
ADA = "INSERT INTO user_account (id, email, name, role) VALUES (:id, :email, 'Ada', 'STUDENT')"


def test_a_database_that_is_away_is_one_line(engine: Engine, settings: Settings) -> None:
    nowhere = replace(settings, database_url="postgresql+psycopg://thrive@127.0.0.1:1/thrive")
    for arguments in (["check"], ["token", "1"], ["db", "current"]):
        result = commands_of(nowhere)(*arguments)
        assert result.exit_code == 1
        assert result.stderr.startswith("The database is away or busy: ")
        assert len(result.stderr.splitlines()) == 1


def test_an_address_that_the_driver_doesnt_understand_is_one_line(settings: Settings) -> None:
    wrong = replace(settings, database_url=f"{settings.database_url}&shoe=size")
    result = commands_of(wrong)("check")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("The database can't be connected to: invalid")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        (
            ADA,
            (
                "UniqueViolation, SQLSTATE 23505, constraint uq_user_account_lower_email,"
                " table user_account"
            ),
        ),
        ("SELECT CAST(:email AS bigint) + :id", "InvalidTextRepresentation, SQLSTATE 22P02"),
        ("SELECT :email :id", "SyntaxError, SQLSTATE 42601"),
        ("TRUNCATE audit_entry", "RaiseException, SQLSTATE P0001"),
        ("SELECT pg_advisory_unlock_all(), no_such(:email, :id)", "UndefinedFunction, SQLSTATE"),
    ],
)
def test_what_the_database_refuses_is_one_line_without_anybodys_data(
    engine: Engine, statement: str, line: str
) -> None:
    with engine.begin() as db:
        db.execute(text(ADA), {"id": 1, "email": SECRET})

    @click.command()
    @fails_in_one_line
    def command() -> None:
        with engine.begin() as db:
            db.execute(text(statement), {"id": 2, "email": SECRET})

    result = CliRunner().invoke(command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"The database refused a statement: {line}")
    assert len(result.stderr.splitlines()) == 1
    assert "secret" not in result.stderr


def test_a_migration_that_meets_a_foreign_table_is_one_line(bare: Settings) -> None:
    flask = commands_of(bare)
    assert flask("db", "upgrade", "0002").exit_code == 0
    engine = make_engine(bare.database_url)
    with engine.begin() as db:
        db.execute(text("CREATE TABLE outbox_message (body text)"))
    engine.dispose()
    result = flask("db", "upgrade")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "The database refused a statement: DuplicateTable, SQLSTATE 42P07\n"


def test_a_result_that_cant_be_written_is_one_line(settings: Settings, tmp_path: Path) -> None:
    environ = {"DATABASE_URL": settings.database_url, "VAR_DIR": str(tmp_path)}
    with Path("/dev/full").open("w") as full:
        ended = flask_process("check", environ=environ, stdout=full)
    assert (ended.returncode, ended.stderr) == (1, "A file: No space left on device\n")


def test_a_command_whose_reader_went_away_ends_quietly(settings: Settings, tmp_path: Path) -> None:
    environ = {"DATABASE_URL": settings.database_url, "VAR_DIR": str(tmp_path)}
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = flask_process("check", environ=environ, stdout=writer)
    finally:
        os.close(writer)
    assert (ended.returncode, ended.stderr) == (1, "")
