"""What TypeScript is told about thrive.js: made from the API itself, and true of the modules."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.client.declarations import DECLARATIONS, write_declarations
from tests.client.node import HOME, node, node_modules
from tests.client.pages import MODULE

ANYTHING = re.compile(r"[:<|&(\[,{] *(any|\*)[\]|&)}>,;= ]")


def sources() -> list[Path]:
    static = MODULE.parent
    return [*static.glob("thrive*.d.ts"), MODULE, *(static / "thrive").glob("*.js")]


def test_the_declarations_are_those_of_the_present_api(tmp_path: Path) -> None:
    made = tmp_path / "made.d.ts"
    write_declarations(made)

    assert made.read_text() == DECLARATIONS.read_text(), "run `make types`"


def test_the_modules_and_a_site_that_uses_them_pass_the_strict_compiler() -> None:
    compiler = node_modules() / "typescript/bin/tsc"
    done = subprocess.run(
        [node(), str(compiler), "--project", str(HOME)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("file", sources(), ids=lambda file: file.name)
def test_no_type_is_left_open(file: Path) -> None:
    code = "\n".join(
        # a sentence may say any; the types in comments are in braces
        line if file.suffix == ".js" else re.sub(r"/\*\*?.*?\*/|^ *\*.*", "", line)
        for line in file.read_text().splitlines()
    )

    assert ANYTHING.findall(code) == []


def test_the_lock_of_the_compiler_names_no_addresses() -> None:
    assert "://" not in (HOME / "package-lock.json").read_text(), "npm run addressless"
