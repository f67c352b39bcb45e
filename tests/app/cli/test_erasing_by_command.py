"""`flask --app app erase-user`: what it prints, whom it asks, and how it ends."""

import json
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from app.settings import Settings
from models.people import find_person
from models.round import Decider
from tests.app.cli.commands import Flask, commands_of
from tests.app.cli.terminals import typing
from tests.models.a_life import SECRET, a_life
from tests.school import School


def is_erased(engine: Engine, user: int) -> bool:
    with engine.connect() as db:
        person = find_person(db, user)
    assert person is not None
    return person.is_erased


def test_it_says_what_was_cancelled_and_emptied(
    flask: Flask, school: School, decider: Decider, engine: Engine, now: datetime
) -> None:
    life = a_life(school, decider, now)
    look = flask("erase-user", life.pupil.id, "--dry-run")
    assert (look.exit_code, look.stderr) == (0, "")
    assert look.stdout.splitlines()[0] == (
        "packages, with their coming bookings: 2 would be cancelled"
    )
    assert look.stdout.splitlines()[-1] == f"user {life.pupil.id} would be erased"
    assert not is_erased(engine, life.pupil.id)

    done = flask("erase-user", "--email", f"{SECRET}@school.example")
    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:3] == [
        "packages, with their coming bookings: 2 cancelled",
        "other coming bookings: 1 cancelled",
        "bookings: 6 emptied",
    ]
    assert lines[-1] == f"user {life.pupil.id} is erased"
    assert flask("check").exit_code == 0

    again = json.loads(flask("erase-user", life.pupil.id, "--json").stdout)
    assert again["cancelled"] == {"packages": 0, "bookings": 0}
    assert set(again["emptied"].values()) == {0}
    assert SECRET not in flask("export-user", life.pupil.id).stdout
    no_token = flask("token", life.pupil.id)
    assert (no_token.exit_code, no_token.stderr) == (1, f"User {life.pupil.id} was erased.\n")


def test_a_teacher_of_coming_sessions_is_told_what_to_do_first(
    flask: Flask, school: School, engine: Engine
) -> None:
    course = school.course()
    [(teacher,)] = school.rows("SELECT teacher_id FROM group_class")
    result = flask("erase-user", teacher, "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"User {teacher} teaches sessions to come, of group class {course.group_class}: give them"
        " to another teacher first (import-catalog, teacherId), or cancel them.\n"
    )
    assert not is_erased(engine, teacher)


@pytest.mark.parametrize(
    ("typed", "options", "erased"), [("y", [], True), ("n", [], False), ("n", ["--yes"], True)]
)
def test_whoever_sits_at_a_terminal_is_asked(
    school: School, settings: Settings, typed: str, options: list[str], erased: Any
) -> None:
    user = school.person()
    with typing(typed) as terminal, open(terminal, "rb", closefd=False) as stdin:
        result = commands_of(settings)("erase-user", user, *options, input=stdin)
    assert result.exit_code == (0 if erased else 1)
    assert is_erased(school.engine, user) is erased
    asked = f"User {user} is erased for good, with 0 active packages and 0 other"
    assert (asked in result.stderr) is not bool(options)
    assert ("Nothing was done." in result.stderr) is not erased


@pytest.mark.parametrize(("arguments", "code"), [(["7"], 1), ([], 2), (["0"], 2)])
def test_nobody_is_erased(flask: Flask, arguments: list[str], code: int) -> None:
    result = flask("erase-user", *arguments)
    assert result.exit_code == code
    assert result.stdout == ""
    assert code == 2 or result.stderr == "There is no user 7.\n"
