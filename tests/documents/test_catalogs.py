"""docs/catalogs.md: a timetable becomes a catalog, and the catalog the rows of a school."""

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import Engine, text

from app.settings import CHECKOUT, Settings
from app.timetable.lines import COLUMNS
from tests.documents.markdown import block

LINES = """
YOGA-1000,YOGA,LEC,01,1,M,9:00AM,10:00AM,2023-08-28,2023-09-10,10,2,,T0001
YOGA-1000,YOGA,LAB,02,2,W,9:00AM,10:00AM,2023-08-28,2023-09-10,10,1,,T0002
"""


def test_a_timetable_is_converted_and_imported_by_the_commands_shown(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    commands = block("docs/catalogs.md", "flask --app app convert-timetable").text
    (tmp_path / "timetable.csv").write_text(",".join(COLUMNS) + LINES)
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
        assert db.scalar(text("SELECT count(*) FROM session")) == 4
    assert len((tmp_path / "enrolments.jsonl").read_text().splitlines()) == 3
