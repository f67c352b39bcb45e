"""What the documents name is there: commands with their options, make's targets, files, links."""

import importlib.util
import re
import shlex
from collections.abc import Iterator

import click
import pytest

from app import create_app
from app.settings import CHECKOUT, load_settings
from tests.client.declarations import NOWHERE
from tests.documents.markdown import DOCUMENTS, anchors, blocks, links, read, spans

TARGETS = set(re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
MAKE = re.compile(r"(?:^|[\s;&|(])make ((?:-\w+ )*)([a-z][a-z-]*)")
FLASK = re.compile(r"flask --app app ([^|;&>)\n`]+)")
MODULE = re.compile(r"python3? -m ([\w.]+)")
PART = re.compile(r"(app|tasks|models|migrations|tests|benchmarks|docs|\.ci)/[\w./*-]+")
MADE_LATER = ("benchmarks/results/",)
"""What is made by a run, and is no part of the repository."""


def commands(document: str) -> Iterator[str]:
    """What a document says to type: the lines of its shell blocks, and `code` in sentences."""
    for block in blocks(document, "sh"):
        yield from block.text.replace("\\\n", " ").splitlines()
    for _, code in spans(document):
        yield code


@pytest.fixture(scope="module")
def flask(tmp_path_factory: pytest.TempPathFactory) -> click.Group:
    var = tmp_path_factory.mktemp("var")
    return create_app(load_settings({**NOWHERE, "VAR_DIR": str(var)})).cli


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_make_has_its_target(document: str) -> None:
    named = {
        found[2] for command in commands(document) for found in MAKE.finditer(command.split("#")[0])
    }

    assert named - TARGETS == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_flask_command_is_there_with_its_options(document: str, flask: click.Group) -> None:
    lines = [found[1] for command in commands(document) for found in FLASK.finditer(command)]

    assert list(filter(None, (wrong_in(flask, line) for line in lines))) == []


def wrong_in(flask: click.Group, line: str) -> str | None:
    """What a line after `flask --app app` names that isn't there; brackets mean optional."""
    words = shlex.split(re.sub(r"[\[\]]", " ", line.split("#", maxsplit=1)[0]))
    command: click.Command = flask
    while words and isinstance(command, click.Group):
        inner = command.get_command(click.Context(command), words[0])
        if inner is None:
            return None if words[0] in {"…", "..."} else f"no command {words[0]}: {line}"
        command, words = inner, words[1:]
    if command.context_settings.get("ignore_unknown_options"):
        return None
    known = {name for option in command.params for name in option.opts} | {"--help"}
    unknown = [word for word in words if word.startswith("--") and word not in known]
    return f"no option {unknown[0]}: {line}" if unknown else None


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_module_that_is_run_can_be_found(document: str) -> None:
    named = {name for command in commands(document) for name in MODULE.findall(command)}

    assert [name for name in named - {"mutmut"} if importlib.util.find_spec(name) is None] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_file_that_is_named_is_there(document: str) -> None:
    named = [
        (line, code)
        for line, code in spans(document)
        if PART.fullmatch(code) and not code.startswith(MADE_LATER)
    ]
    missing = [f"{document} line {line}: {code}" for line, code in named if not is_there(code)]

    assert missing == []


def is_there(path: str) -> bool:
    return any(CHECKOUT.glob(path.removesuffix("/")))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_link_leads_somewhere(document: str) -> None:
    lost = [
        f"{document} line {line}: {target}"
        for line, target in links(document)
        if "://" not in target and not leads_somewhere(document, target)
    ]

    assert lost == []


def leads_somewhere(document: str, target: str) -> bool:
    path, _, anchor = target.partition("#")
    goal = (CHECKOUT / document).parent / path if path else CHECKOUT / document
    if not goal.exists():
        return False
    return not anchor or anchor in anchors(goal.resolve().relative_to(CHECKOUT).as_posix())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_options_of_the_benchmark_are_its_own(document: str) -> None:
    options = re.findall(r'make bench ARGS="?([^"`\n]*)', read(document))
    known = (CHECKOUT / "benchmarks/__main__.py").read_text()

    for option in re.findall(r"--[\w-]+", " ".join(options)):
        assert f'"{option}"' in known, option
