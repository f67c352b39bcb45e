"""Every block of code in the documents is executed, or it is said why not."""

import json
import re
import tomllib
from typing import Any

import pytest

from tests.documents.accounts import (
    CHECKED_EVERYWHERE,
    NOT_EXECUTED,
    all_blocks,
    executed,
)
from tests.documents.markdown import DOCUMENTS, Block, block, blocks, unfenced

HOW = 'take it in a test by block("document", "its beginning"): docs/testing.md, "Documents"'
COMMAND = re.compile(r"^\s*(\$ |curl |flask |make |\.venv/|psql |SELECT )", re.MULTILINE)


def of(language: str) -> list[Block]:
    return [each for each in all_blocks() if each.language == language]


def test_every_block_is_executed_by_a_test_or_says_why_not() -> None:
    known = executed() | {block(document, begins) for document, begins in NOT_EXECUTED}
    left = [
        f"{each}: no test executes this; {HOW}"
        for each in all_blocks()
        if each not in known and each.language not in CHECKED_EVERYWHERE
    ]

    assert not left, "\n".join(left)


def test_nothing_is_excused_that_a_test_executes() -> None:
    excused = {block(document, begins) for document, begins in NOT_EXECUTED}

    assert excused & executed() == set()


def test_the_example_of_how_to_take_a_block_takes_one() -> None:
    names: dict[str, Any] = {}
    exec(block("docs/testing.md", "from tests.documents.markdown").text, names)

    names["test_the_index_for_large_reports_can_be_built"]()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_code_has_a_fence_and_a_language(document: str) -> None:
    bare = [f"{document} line {line}: indented, without a fence" for line in unfenced(document)]
    nameless = [f"{each}: without a language" for each in blocks(document) if not each.language]

    assert bare + nameless == []


@pytest.mark.parametrize("shown", of("text"), ids=str)
def test_what_is_called_text_is_no_command(shown: Block) -> None:
    assert COMMAND.findall(shown.text) == []


@pytest.mark.parametrize("shown", of("json"), ids=str)
def test_json_is_json(shown: Block) -> None:
    json.loads(shown.text)


@pytest.mark.parametrize("shown", of("toml"), ids=str)
def test_toml_is_toml(shown: Block) -> None:
    tomllib.loads(shown.text)


@pytest.mark.parametrize("shown", of("mermaid"), ids=str)
def test_a_diagram_draws_each_thing_that_its_arrows_name(shown: Block) -> None:
    kind, *lines = shown.text.strip().splitlines()
    labels = re.compile(r'"[^"]*"|\[[^\]]*\]+|\(+[^)]*\)+|-- [^->"]+? -->')
    arrows = [labels.sub(" --> ", line) if "--" in line else "" for line in lines]
    named = {word for line in arrows for word in re.findall(r"\b[A-Z]\w*\b", line)}
    drawn = set(re.findall(r"\b([A-Z]\w*)(?=[\[({])", shown.text))

    assert kind.split()[0] == "flowchart"
    assert named - drawn == set()
