"""Which blocks of the documents are executed, found in the tests that take them from there.

A test takes a block by `block("docs/x.md", "how its first line begins")`, or all of a document by
`blocks("docs/x.md", "sh")`, with the names written out: so nothing has to be listed twice.
"""

import ast
from collections.abc import Iterator

from app.settings import CHECKOUT
from tests.documents.markdown import DOCUMENTS, Block, block, blocks

WALKED = ["docs/api.md", "docs/webhooks.md"]
"""Documents whose commands are run on the demo, from top to bottom, their answers compared."""

RUN_AS_A_GUIDE = {"docs/deploying.md", "docs/operations.md"}
"""Documents whose blocks tests/operations/test_deploying.py runs, each under its heading."""

CHECKED_EVERYWHERE = {"text", "mermaid", "json", "toml"}
"""Nothing that could be executed; each is looked at in test_every_block.py."""

NOT_EXECUTED = {
    ("CONTRIBUTING.md", ".venv/bin/python -m pip install mutmut"): "minutes, and not locked",
    ("benchmarks/README.md", "make bench"): "minutes; `.ci/run` runs bench-quick",
    ("docs/client.md", "add_action("): "needs a WordPress",
}
"""Why a block isn't executed, by its document and how it begins."""


def all_blocks() -> list[Block]:
    return [each for document in DOCUMENTS for each in blocks(document)]


def executed() -> set[Block]:
    """The blocks that some test takes; fails where one takes a block that isn't there."""
    taken = {each for calls in _calls() for each in calls}
    walked = {
        each
        for document in WALKED
        for each in blocks(document)
        if each.language in {"sh", "json", "http"}
    }
    guided = {each for document in RUN_AS_A_GUIDE for each in blocks(document)}
    return taken | walked | guided | {each for each in all_blocks() if is_query(each)}


def is_query(each: Block) -> bool:
    """Whether it is SQL that only reads, which test_queries.py runs."""
    statements = [one.split() for one in each.text.split(";") if one.strip()]
    return each.language == "sql" and all(words[0] in {"SELECT", "WITH"} for words in statements)


def _calls() -> Iterator[tuple[Block, ...]]:
    for file in (CHECKOUT / "tests").rglob("*.py"):
        source = file.read_text("utf-8")
        if "tests.documents.markdown" in source:
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    yield _taken_by(node.func.id, node.args)


def _taken_by(function: str, arguments: list[ast.expr]) -> tuple[Block, ...]:
    texts = [one.value for one in arguments if isinstance(one, ast.Constant)]
    if len(texts) < len(arguments) or not all(isinstance(one, str) for one in texts):
        return ()
    if function == "block":
        return (block(*map(str, texts)),)
    return blocks(*map(str, texts)) if function == "blocks" else ()
