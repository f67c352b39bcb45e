"""What Lighthouse says of the first page of a student: make lighthouse, with nothing beside it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.stack import Stack
from tests.client.node import node, node_modules

HOME = Path(__file__).parent / "lighthouse"
FARID = 16
LEAST = {"accessibility": 95, "performance": 95, "best-practices": 95}

alone = pytest.mark.skipif(
    not os.environ.get("THRIVE_LIGHTHOUSE"),
    reason="its figures are worth nothing beside other tests: make lighthouse",
)


@alone
@pytest.mark.parametrize("form", ["mobile", "desktop"])
def test_the_enrolment_page_is_quick_and_accessible(
    stack: Stack, tmp_path: Path, form: str
) -> None:
    report = tmp_path / "report.json"
    headers = {"Cookie": f"thrive_token={stack.token(FARID)}"}
    done = subprocess.run(
        [
            *(node(), str(node_modules(HOME) / "lighthouse/cli/index.js"), f"{stack.address}/"),
            *("--quiet", "--output=json", f"--output-path={report}"),
            f"--only-categories={','.join(LEAST)}",
            f"--extra-headers={json.dumps(headers)}",
            f"--chrome-flags=--headless=new {' '.join(FLAGS)}",
            *(("--preset=desktop",) if form == "desktop" else ()),
        ],
        env={**os.environ, "CHROME_PATH": find_chromium()},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(report.read_text())
    assert found["finalDisplayedUrl"] == f"{stack.address}/"
    scores = {name: round(one["score"] * 100) for name, one in found["categories"].items()}
    print(f"Lighthouse, {form}: {scores}")  # noqa: T201 - figures for whoever runs it with -s
    missed = [
        f"{audit['title']}: {audit.get('displayValue', audit['score'])}"
        for audit in found["audits"].values()
        if audit["score"] is not None and audit["score"] < 0.9
    ]
    assert all(scores[name] >= least for name, least in LEAST.items()), (scores, missed)
