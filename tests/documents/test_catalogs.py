"""docs/catalogs.md: a timetable becomes a catalog, and the catalog the rows of a school."""

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import Engine, text

from app.settings import CHECKOUT, Settings
from tests.documents.markdown import block


def test_a_timetable_is_converted_and_imported_by_the_commands_shown(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    commands = block("docs/catalogs.md", "flask --app app convert-timetable").text
    timetable = block("docs/catalogs.md", "course,title,type").text
    (tmp_path / "timetable.csv").write_text(timetable)
    subprocess.run(
        ["sh", "-eu", "-c", commands],
        cwd=tmp_path,
        env=os.environ
        | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(CHECKOUT),
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url or "",
        },
        capture_output=True,
        check=True,
        timeout=60,
    )

    with engine.connect() as db:
        # sixteen Mondays, Wednesdays and Thursdays each
        assert db.scalar(text("SELECT count(*) FROM session")) == 3 * 16
    assert len((tmp_path / "enrolments.jsonl").read_text().splitlines()) == 112 + 24
