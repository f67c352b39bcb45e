"""The documents, and the blocks of code in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

from app.settings import CHECKOUT

DOCUMENTS = sorted(
    file.relative_to(CHECKOUT).as_posix()
    for file in [
        CHECKOUT / "README.md",
        CHECKOUT / "CONTRIBUTING.md",
        CHECKOUT / "CHANGELOG.md",
        CHECKOUT / "benchmarks/README.md",
        *(CHECKOUT / "docs").rglob("*.md"),
    ]
)


@dataclass(frozen=True)
class Block:
    """A fenced block: where it begins (line 1 is the document's first), its language, its text."""

    document: str
    line: int
    language: str
    text: str

    @property
    def first_line(self) -> str:
        return next(iter(self.text.strip().splitlines()), "")

    def __str__(self) -> str:
        return f"{self.document} line {self.line}: ```{self.language} {self.first_line}"


@cache
def read(document: str) -> str:
    """The text of a document, named by its path in the checkout."""
    return Path(CHECKOUT / document).read_text("utf-8")


@cache
def blocks(document: str, language: str | None = None) -> tuple[Block, ...]:
    """The fenced blocks of a document, in their order; of one language, if it is given."""
    return tuple(
        Block(document, token.map[0] + 1, token.info.strip(), token.content)
        for token in MarkdownIt("commonmark").parse(read(document))
        if token.type == "fence" and token.map and language in {None, token.info.strip()}
    )


def block(document: str, beginning: str) -> Block:
    """The one block of a document whose first line begins so; fails where it isn't one."""
    found = [block for block in blocks(document) if block.first_line.startswith(beginning)]
    assert len(found) == 1, f"{document} has {len(found)} blocks that begin with {beginning!r}"
    return found[0]


def unfenced(document: str) -> Iterator[int]:
    """The lines at which a block of code begins that has no fence, and so no language."""
    for token in MarkdownIt("commonmark").parse(read(document)):
        if token.type == "code_block" and token.map:
            yield token.map[0] + 1


def spans(document: str) -> Iterator[tuple[int, str]]:
    """What stands in `code` within sentences and tables, with the line of its paragraph."""
    for token in MarkdownIt("commonmark").enable("table").parse(read(document)):
        for child in token.children or ():
            if child.type == "code_inline" and token.map:
                yield token.map[0] + 1, child.content


def links(document: str) -> Iterator[tuple[int, str]]:
    """Where the links and pictures of a document lead to, with the line of their paragraph."""
    for token in MarkdownIt("commonmark").enable("table").parse(read(document)):
        for child in token.children or ():
            target = child.attrGet("href") or child.attrGet("src")
            if target and token.map:
                yield token.map[0] + 1, str(target)


def anchors(document: str) -> set[str]:
    """The names that GitHub gives to the headings of a document."""
    tokens = MarkdownIt("commonmark").parse(read(document))
    titles = [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]
    return {_anchor(title) for title in titles}


def _anchor(title: str) -> str:
    kept = "".join(letter for letter in title.lower() if letter.isalnum() or letter in " -_")
    return kept.replace(" ", "-")
