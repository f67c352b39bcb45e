"""The CSV file of what `backfill-bookings` couldn't place, for people to decide."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from app.api.csv_cells import csv_text
from models.instants import print_instant

REPORT = {
    "progress_id": "progressId",
    "student_package_id": "packageId",
    "user_id": "studentId",
    "course_step_id": "stepId",
    "group_class_id": "groupClassId",
    "booked_at": "bookedAt",
    "code": "code",
    "detail": "detail",
}
"""The report's columns, by the names of what they hold."""


def require_place_for(path: Path) -> None:
    """Raise `UsageError` or `OSError` where the report can't be written, before there is one."""
    if not path.parent.is_dir():
        raise click.UsageError(f"--report: there is no directory {path.parent}.")
    if path.exists() and not path.is_file():
        raise click.UsageError(f"--report: {path} is no file.")
    unfinished = _unfinished(path)
    unfinished.touch()
    unfinished.unlink()


def write_report(path: Path, left: Iterable[dict[str, Any]]) -> None:
    """Write the whole file or none: it takes its name when it is complete."""
    rows = ([_cell(step[column]) for column in REPORT] for step in left)
    unfinished = _unfinished(path)
    try:
        unfinished.write_text(csv_text(REPORT.values(), rows), encoding="utf-8", newline="")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _unfinished(path: Path) -> Path:
    return path.with_name(f".{path.name}.unfinished")


def _cell(value: Any) -> Any:
    return print_instant(value) if isinstance(value, datetime) else value
