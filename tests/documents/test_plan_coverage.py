"""docs/plan-coverage.md names tests that are there, and has a row for each line of the plan.

plan.txt is what the plan lists, in its words: the plan itself is no part of the repository.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from app.settings import CHECKOUT
from tests.documents.markdown import read, spans

COVERAGE, CHECKLISTS = "docs/plan-coverage.md", "docs/checklists.md"
PLANNED = (Path(__file__).parent / "plan.txt").read_text("utf-8")
SECTIONS = [part.splitlines() for part in PLANNED.strip().split("\n\n")]
LINES = [(title, line) for title, *lines in SECTIONS for line in lines]
BY_HAND = {"Code Review Checklist", "Deployment Checklist"}
"""What people do, which no test shows."""
NAMED = re.compile(r"tests/[\w/]+\.py(::\w+)?")


def rows(document: str) -> dict[str, list[str]]:
    """The cells behind the first of each row of a document's tables, by the first."""
    cells = [line.strip("|").split("|") for line in read(document).splitlines() if line[:1] == "|"]
    return {first.strip(): [cell.strip() for cell in others] for first, *others in cells}


@cache
def defined_in(path: str) -> frozenset[str]:
    tree = ast.parse((CHECKOUT / path).read_text("utf-8"))
    return frozenset(
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@pytest.mark.parametrize("document", [COVERAGE, CHECKLISTS])
def test_every_test_that_is_named_is_there(document: str) -> None:
    named = {code for _, code in spans(document) if NAMED.fullmatch(code)}
    missing = [code for code in sorted(named) if not is_there(*code.partition("::"))]

    assert missing == []


def is_there(path: str, _: str, name: str) -> bool:
    return (CHECKOUT / path).is_file() and (
        name in defined_in(path) if name else bool(defined_in(path))
    )


def test_every_line_of_the_plan_has_a_row_that_says_something() -> None:
    covered, by_hand = rows(COVERAGE), rows(CHECKLISTS)
    empty = [
        f"{title}: {line}"
        for title, line in LINES
        if not any((by_hand if title in BY_HAND else covered).get(line, []))
    ]

    assert empty == []


def test_what_is_done_by_hand_is_on_the_checklist_too() -> None:
    manual = {line for title, line in LINES if title.startswith("6.4")}

    assert manual - rows(CHECKLISTS).keys() == set()


def test_no_row_claims_a_line_that_the_plan_does_not_have() -> None:
    tables = rows(COVERAGE).keys() | rows(CHECKLISTS).keys()

    assert tables - {line for _, line in LINES} == {"the plan", "---"}
