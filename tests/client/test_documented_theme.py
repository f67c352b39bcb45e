"""docs/client.md: what the theme does with thrive.js is what the module offers."""

import json
import subprocess
from pathlib import Path

from tests.client.node import HOME, node, node_modules
from tests.client.pages import MODULE
from tests.documents.markdown import block

THEME = """
type Option = import("thrive").CourseStepSessionOption;
declare const theToken: string;
declare function showProgress(progress: import("thrive").ThriveProgress): void;
declare function choose(options: Option[]): Promise<Option>;
declare function offer(message: string, alternatives: Option[]): void;
declare function say(message: string): void;
declare function showEnrolments(enrolments: import("thrive").Enrolment[]): void;
"""
"""What the theme has besides: none of it is thrive.js's."""
ADDRESS = "https://booking.school.example/assets/current/thrive.js"


def test_the_theme_that_is_shown_passes_the_strict_compiler(tmp_path: Path) -> None:
    shown = block("docs/client.md", "// course.js").text
    (tmp_path / "course.js").write_text(shown.replace(ADDRESS, "thrive"))
    (tmp_path / "theme.d.ts").write_text(THEME)
    options = json.loads((HOME / "tsconfig.json").read_text())["compilerOptions"]
    options["useUnknownInCatchVariables"] = False  # the theme is no TypeScript
    options["paths"] = {"thrive": [str(MODULE.with_suffix(".d.ts"))]}
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options}))
    compiler = node_modules() / "typescript/bin/tsc"
    done = subprocess.run(
        [node(), str(compiler), "--project", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert ADDRESS in shown
    assert done.returncode == 0, done.stdout
