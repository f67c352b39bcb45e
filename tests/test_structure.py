"""The arrows between the parts: app → tasks → models, migrations → models, never backwards.

The benchmark stands above all of them.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.settings import CHECKOUT
from tasks.celery_app import celery

PARTS = {"app", "tasks", "models", "migrations", "benchmarks"}
MAY_IMPORT = {
    "models": {"models"},
    "tasks": {"tasks", "models"},
    "migrations": {"migrations", "models"},
    "app": {"app", "tasks", "models", "migrations"},
    "benchmarks": {"benchmarks", "app", "tasks", "models", "migrations"},
}
MODELS_KEEP_OFF = {"flask", "celery", "kombu", "marshmallow", "redis", "limits", "smtplib", "http"}
READ_THE_ENVIRONMENT = {
    "app/settings.py",  # what the product's own settings are
    "app/launch.py",  # hands its own environment on to the processes that it starts
    "app/launching/child.py",
    "app/cli/database_shell.py",  # the same, to psql
    "app/api/metrics.py",  # Prometheus's own variable, which its library reads
    "benchmarks/installation.py",  # hands PATH on to the processes that it starts
    "benchmarks/scenarios/backfill.py",  # the same, to the command
    "benchmarks/scenarios/semester.py",  # the tests' own variable for the timetable's place
}
LOADED_BY_WHO_NEEDS_IT = {
    *("babel", "css_inline", "httpcore", "httpx", "icalendar", "standardwebhooks"),
}
"""What letters, calendars, webhooks and the client are made with."""
CODE = {".py", ".js", ".html", ".css", ".jinja", ".text"}
LEFT_TO_DO = re.compile(r"\b(TODO|FIXME|XXX)\b")
COMMENTED_OUT = re.compile(r"\s*(#|//) (def|class|import|return|const|let|if .*:$|for .*:$)\b")
QUEUES_OF_THE_PROCFILE = {"bookings", "mail", "events", "webhooks", "upkeep"}

FILES = sorted(file for part in PARTS for file in (CHECKOUT / part).rglob("*.py"))


def place(file: Path) -> str:
    return file.relative_to(CHECKOUT).as_posix()


def imported(file: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in the file it does."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{place(file)} imports relatively, which hides the arrow"
            assert node.module is not None
            yield node.module


@pytest.mark.parametrize("part", sorted(PARTS))
def test_imports_follow_the_arrows(part: str) -> None:
    wrong = [
        f"{place(file)} imports {module}"
        for file in FILES
        if file.is_relative_to(CHECKOUT / part)
        for module in imported(file)
        if module.split(".")[0] in (PARTS | {"tests"}) - MAY_IMPORT[part]
    ]

    assert wrong == []


def test_models_know_nothing_of_the_web_the_broker_and_the_mail() -> None:
    wrong = [
        f"{place(file)} imports {module}"
        for file in FILES
        if file.is_relative_to(CHECKOUT / "models")
        for module in imported(file)
        if module.split(".")[0] in MODELS_KEEP_OFF
    ]

    assert wrong == []


def test_the_environment_is_read_in_one_place() -> None:
    readers = {place(file) for file in FILES if reads_environment(file)}

    assert readers <= READ_THE_ENVIRONMENT


def reads_environment(file: Path) -> bool:
    nodes = list(ast.walk(ast.parse(file.read_text())))
    used = {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)}
    taken = {
        name.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == "os"
        for name in node.names
    }
    return bool(used & {"os.environ", "os.environb", "os.getenv"} or taken & {"environ", "getenv"})


def test_what_only_couriers_or_clients_need_is_loaded_by_nobody_else() -> None:
    """Every worker imports every task; each library that comes along costs all of them memory."""
    loading = (
        "import sys, app.factory; from tasks.celery_app import celery;"
        "celery.loader.import_default_modules(); print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", loading], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert "tasks.webhooks" in loaded
    assert LOADED_BY_WHO_NEEDS_IT & set(loaded) == set()


def test_every_task_goes_to_a_queue_that_somebody_takes_from() -> None:
    celery.loader.import_default_modules()
    ours = [name for name in celery.tasks if not name.startswith("celery.")]
    assert ours
    for name in ours:
        [route] = [r for pattern, r in celery.conf.task_routes.items() if fnmatch(name, pattern)]
        assert route["queue"] in QUEUES_OF_THE_PROCFILE
        assert celery.amqp.router.route({}, name)["queue"].name == route["queue"]


def test_the_procfile_takes_from_every_queue() -> None:
    lines = (CHECKOUT / "Procfile").read_text().splitlines()
    words = [line.split("--queues ")[1].split()[0] for line in lines if "--queues " in line]

    assert {queue for word in words for queue in word.split(",")} == QUEUES_OF_THE_PROCFILE


def test_migrations_are_one_line_with_the_contract_as_its_only_branch() -> None:
    config = Config()
    config.set_main_option("script_location", str(CHECKOUT / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    main_line = list(scripts.walk_revisions(head="expand@head"))
    contract = list(scripts.walk_revisions("0003", "contract@head"))

    assert len(scripts.get_bases()) == 1
    assert set(scripts.walk_revisions()) == {*main_line, *contract}
    for newest_first in main_line, contract:
        numbers = [script.revision for script in newest_first]
        assert [script.down_revision for script in newest_first[:-1]] == numbers[1:]
        assert numbers == sorted(numbers, reverse=True)


def test_no_code_is_commented_out_and_nothing_is_left_to_do() -> None:
    files = [file for part in PARTS for file in (CHECKOUT / part).rglob("*") if file.suffix in CODE]
    wrong = [
        f"{place(file)} line {number}: {line.strip()}"
        for file in files
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if LEFT_TO_DO.search(line) or COMMENTED_OUT.match(line)
    ]

    assert wrong == []
