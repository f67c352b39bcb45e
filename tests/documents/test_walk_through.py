"""CONTRIBUTING's walk to a new refusal, walked in a copy of this checkout."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import CHECKOUT
from tests.documents.markdown import Block, block, blocks

STEPS = blocks("CONTRIBUTING.md", "diff")
CHECKED = block("CONTRIBUTING.md", ".venv/bin/python -m pytest --noconftest").text
EXPLAINED = ("docs/booking-rules.md", "tasks/wording/locale/de/LC_MESSAGES/thrive.po")
"""The steps without which the rule itself works."""
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "var", "node_modules", "mutants")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    copy = tmp_path / "checkout"
    shutil.copytree(CHECKOUT, copy, ignore=NOT_COPIED)
    (copy / ".venv").symlink_to(sys.prefix)
    for step in STEPS:  # whoever has just walked has them already
        run(copy, "git", "apply", "--reverse", "--recount", "-", stdin=step.text)
    return copy


def take(copy: Path, step: Block) -> None:
    applied = run(copy, "git", "apply", "--recount", "-", stdin=step.text)
    assert applied.returncode == 0, f"{step} isn't how it goes any more: {applied.stdout}"


def run(copy: Path, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=copy,
        env=os.environ | {"GIT_CEILING_DIRECTORIES": str(copy.parent)},
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_with_all_its_steps_the_rule_is_complete(copy: Path) -> None:
    for step in STEPS:
        take(copy, step)

    checked = run(copy, "sh", "-ec", CHECKED)
    assert checked.returncode == 0, checked.stdout


def test_whoever_forgets_a_step_is_told_which(copy: Path) -> None:
    for step in STEPS:
        if not any(file in step.text for file in EXPLAINED):
            take(copy, step)
    judging = copy / "models/judging.py"
    without = judging.read_text("utf-8").replace("    judge_number,\n", "")
    judging.write_text(without, "utf-8")

    checked = run(copy, "sh", "-ec", CHECKED).stdout
    assert re.findall(r"^FAILED \S+::(\w+)", checked, re.MULTILINE) == [
        "test_nobody_has_more_sessions_to_come_than_that",
        "test_every_refusal_is_explained_and_nothing_that_is_none",
        "test_every_sentence_is_translated_and_none_is_left_over",
    ]
    for file in EXPLAINED:
        assert file in checked
