"""docs/api.md lists what the API is today, in a language that a compiler understands."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.client.declarations import DECLARATIONS, api_document
from tests.client.node import node, node_modules
from tests.documents.api_reference import PAGE, written
from tests.documents.markdown import block

NOT_OF_THE_DOCUMENT = {"Id", "Instant", "Day", "Uuid", "List", "Report"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return api_document()


def test_the_page_lists_the_calls_shapes_and_codes_of_today(document: dict[str, Any]) -> None:
    page = PAGE.read_text("utf-8")

    assert page == written(page, document), "run `make api-docs`"


def test_each_shape_is_the_one_that_typescript_is_told(tmp_path: Path) -> None:
    shapes = block("docs/api.md", "type Id = number").text
    names = set(re.findall(r"^type (\w+)", shapes, re.MULTILINE)) - NOT_OF_THE_DOCUMENT
    checks = [f'({{}} as {name}) satisfies S["{name}"];' for name in sorted(names)]
    declared = f'import type {{ components }} from "{DECLARATIONS.as_posix()}";'
    source = tmp_path / "shapes.ts"
    source.write_text("\n".join([declared, 'type S = components["schemas"];', shapes, *checks]))
    compiler = node_modules() / "typescript/bin/tsc"
    done = subprocess.run(
        [node(), str(compiler), "--noEmit", "--strict", "--target", "ES2022", str(source)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert len(names) > 50
    assert done.stdout == ""
