import json
import os
import pty
from collections.abc import Callable
from pathlib import Path

import pytest

from app.settings import Settings
from tests.app.cli.commands import Ended, commands_of, flask_process


def test_db_upgrades_and_downgrades_and_says_where_it_stands(bare: Settings) -> None:
    flask = commands_of(bare)
    assert flask("check").stderr == ("The database isn't migrated: run flask --app app release\n")
    assert flask("db", "current").stdout.startswith("revision none ")
    assert flask("db", "upgrade", "0003").stdout.startswith("revision 0003 ")
    assert flask("db", "upgrade").stdout.endswith("(the newest)\n")
    assert json.loads(flask("db", "current", "--json").stdout) == {
        "revision": "0004, 0007",
        "newest": "0004, 0007",
    }
    assert flask("db", "downgrade", "base").stdout.startswith("revision none ")


@pytest.mark.parametrize(
    ("arguments", "revision"),
    [
        ([], "0006"),
        (["-1"], "0006"),
        (["contract@-1"], "0006"),
        (["expand@-1"], "0004, 0005"),
        (["expand@-2"], "0004"),
        (["0003"], "0003"),
    ],
)
def test_a_downgrade_takes_the_contract_back_unless_told(
    bare: Settings, arguments: list[str], revision: str
) -> None:
    flask = commands_of(bare)
    assert flask("db", "upgrade", "0006").stdout == "revision 0006 (the newest is 0004, 0007)\n"
    flask("db", "upgrade", "contract@head")
    assert flask("db", "downgrade", *arguments).stdout == (
        f"revision {revision} (the newest is 0004, 0007)\n"
    )


@pytest.mark.parametrize("arguments", [[], ["-1"], ["0002"], ["base"]])
def test_a_script_is_taken_at_its_word(bare: Settings, arguments: list[str]) -> None:
    flask = commands_of(bare)
    flask("db", "upgrade", "0003")
    assert flask("db", "downgrade", *arguments).exit_code == 0
    assert not flask("db", "current").stdout.startswith("revision 0003 ")


def test_a_downgrade_that_drops_nothing_of_the_applications_asks_nothing(bare: Settings) -> None:
    flask = commands_of(bare)
    flask("db", "upgrade", "0002")
    assert flask("db", "downgrade", "base").stdout.startswith("revision none ")


@pytest.fixture
def downgrade_at_a_terminal(bare: Settings, tmp_path: Path) -> Callable[[str, str], Ended]:
    """`db downgrade` with somebody at the keyboard who types an answer."""
    commands_of(bare)("db", "upgrade")
    environ = {"DATABASE_URL": bare.database_url, "VAR_DIR": str(tmp_path)}

    def run(target: str, typed: str) -> Ended:
        keyboard, terminal = pty.openpty()
        try:
            os.write(keyboard, f"{typed}\n".encode())
            return flask_process("db", "downgrade", target, environ=environ, stdin=terminal)
        finally:
            os.close(keyboard)
            os.close(terminal)

    return run


@pytest.mark.parametrize(
    ("target", "lost"),
    [
        ("0002", ["jobs", "waitlists", "webhooks"]),
        ("0003", ["waitlists", "webhooks"]),
        ("expand@-3", ["waitlists", "webhooks"]),
        ("expand@-2", ["webhooks"]),
    ],
)
@pytest.mark.parametrize("typed", ["y", "n"])
def test_somebody_at_a_terminal_is_asked_before_what_others_rely_on_is_dropped(
    bare: Settings,
    downgrade_at_a_terminal: Callable[[str, str], Ended],
    target: str,
    lost: list[str],
    typed: str,
) -> None:
    ended = downgrade_at_a_terminal(target, typed)
    assert ended.returncode == (0 if typed == "y" else 1)
    assert [word for word in ("jobs", "waitlists", "webhooks") if word in ended.stderr] == lost
    assert "Go on? [y/N]: " in ended.stderr
    assert "Go on?" not in ended.stdout
    below = {"expand@-2": "0004, 0005", "expand@-3": "0004"}
    revision = "0004, 0007" if typed == "n" else below.get(target, target)
    assert commands_of(bare)("db", "current").stdout.startswith(f"revision {revision} ")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["upgrade", "nonsense"], 1, "The migration can't be done: Can't locate revision"),
        (["upgrade", "+9"], 1, "The migration can't be done: Relative revision +9"),
        (["downgrade"], 1, "The migration can't be done: Relative revision -1"),
        (["downgrade", "-9"], 1, "The migration can't be done: Relative revision -9"),
        (["upgrade", ""], 2, "must be a revision such as"),
        (["downgrade", ""], 2, "must be a revision such as"),
        (["downgrade", "@"], 2, "must be a revision such as"),
        (["downgrade", "contract@"], 2, "must be a revision such as"),
        (["downgrade", "contract@base"], 2, "must be a revision such as"),
        (["downgrade", "contract@-1"], 1, "the branch contract can go back 0 here"),
        (["upgrade", "contract@-1"], 1, "The migration can't be done: Relative revision -1"),
        (["downgrade", "--yess"], 2, "No such option '--yess'"),
        (["upgrade", "-1"], 2, "No such option '-1'"),
    ],
)
def test_a_revision_that_leads_nowhere_is_told_so(
    bare: Settings, arguments: list[str], code: int, words: str
) -> None:
    result = commands_of(bare)("db", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr
    assert code == 2 or len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("target", ["-1", "contract@-1", "expand@-1"])
def test_nobody_is_asked_before_what_loses_nothing_is_taken_back(
    downgrade_at_a_terminal: Callable[[str, str], Ended], target: str
) -> None:
    ended = downgrade_at_a_terminal(target, "n")
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("target", ["-2", "contract@-2", "expand@-4"])
def test_steps_below_the_fork_are_refused_in_one_line(bare: Settings, target: str) -> None:
    flask = commands_of(bare)
    flask("db", "upgrade")
    result = flask("db", "downgrade", target)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "name the revision to go down to" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_psql_gets_its_arguments_and_prints_its_result(bare: Settings, tmp_path: Path) -> None:
    environ = {"DATABASE_URL": bare.database_url, "VAR_DIR": str(tmp_path)}
    ended = flask_process("db", "shell", "-Atc", "SELECT 6 * 7", environ=environ)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "42\n", "")


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
