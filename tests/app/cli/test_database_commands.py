import json
import os
from pathlib import Path

import pytest
from click.testing import Result

from app.settings import Settings
from tests.app.cli.commands import commands_of, flask_process
from tests.app.cli.terminals import typing


def test_db_upgrades_and_downgrades_and_says_where_it_stands(bare: Settings) -> None:
    flask = commands_of(bare)
    assert flask("check").stderr == ("The database isn't migrated: run flask --app app release\n")
    assert flask("db", "current").stdout.startswith("revision none ")
    assert flask("db", "upgrade", "0003").stdout.startswith("revision 0003 ")
    assert flask("db", "upgrade").stdout.endswith("(the newest)\n")
    assert json.loads(flask("db", "current", "--json").stdout) == {
        "revision": "0004, 0008",
        "newest": "0004, 0008",
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
    assert flask("db", "upgrade", "0006").stdout == "revision 0006 (the newest is 0004, 0008)\n"
    flask("db", "upgrade", "contract@head")
    assert flask("db", "downgrade", *arguments).stdout == (
        f"revision {revision} (the newest is 0004, 0008)\n"
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


def downgrade_at_a_terminal(settings: Settings, target: str, typed: str) -> Result:
    with typing(typed) as terminal, open(terminal, "rb", closefd=False) as stdin:
        return commands_of(settings)("db", "downgrade", target, input=stdin)


LOST = {
    "0002": ["jobs", "waitlists", "webhooks", "backfill"],
    "0003": ["waitlists", "webhooks", "backfill"],
    "expand@-4": ["waitlists", "webhooks", "backfill"],
    "expand@-3": ["webhooks", "backfill"],
    "expand@-1": ["backfill"],
}
BELOW = {"expand@-1": "0004, 0007", "expand@-3": "0004, 0005", "expand@-4": "0004"}


@pytest.mark.parametrize("target", LOST)
def test_somebody_at_a_terminal_is_asked_before_what_others_rely_on_is_dropped(
    bare: Settings, target: str
) -> None:
    flask = commands_of(bare)
    flask("db", "upgrade")
    for typed, code in ("n", 1), ("y", 0):
        ended = downgrade_at_a_terminal(bare, target, typed)
        assert ended.exit_code == code
        assert [word for word in LOST["0002"] if word in ended.stderr] == LOST[target]
        assert "Go on? [y/N]:" in ended.stderr
        assert "Go on?" not in ended.stdout
        revision = BELOW.get(target, target) if typed == "y" else "0004, 0008"
        assert flask("db", "current").stdout.startswith(f"revision {revision} ")


def test_a_process_at_a_terminal_asks_too(bare: Settings, tmp_path: Path) -> None:
    commands_of(bare)("db", "upgrade")
    environ = {"DATABASE_URL": bare.database_url, "VAR_DIR": str(tmp_path)}
    with typing("n") as terminal:
        ended = flask_process("db", "downgrade", "0003", environ=environ, stdin=terminal)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Go on? [y/N]: " in ended.stderr
    assert ended.stderr.endswith("Nothing was done.\n")
    assert commands_of(bare)("db", "current").stdout.startswith("revision 0004, 0008 ")


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


@pytest.mark.parametrize(
    ("stood_at", "target"),
    [("heads", "-1"), ("heads", "contract@-1"), ("0007", "expand@-1")],
)
def test_nobody_is_asked_before_what_loses_nothing_is_taken_back(
    bare: Settings, stood_at: str, target: str
) -> None:
    commands_of(bare)("db", "upgrade", stood_at)
    ended = downgrade_at_a_terminal(bare, target, "n")
    assert (ended.exit_code, ended.stderr) == (0, "")


@pytest.mark.parametrize("target", ["-2", "contract@-2", "expand@-5"])
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
        assert (bare.var / "demo.json").is_file()
    finally:
        # other tests of this worker have the same directory, and no demo
        for left in ("servers.json", "demo.json"):
            (bare.var / left).unlink()
    assert flask("check").stdout == "ok: 71 sessions, 22 bookings\n"
