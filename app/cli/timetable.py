"""`flask --app app convert-timetable CSV`: a university's timetable as a catalog."""

import json
import os
from collections.abc import Sequence
from datetime import datetime
from itertools import combinations
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.cli.failures import Failure, fails_in_one_line
from app.cli.output import as_json, print_json
from app.clock import utc_now
from app.timetable import Conversion, UnreadableTimetable, convert, read_lines
from app.timetable.meetings import next_monday
from models.session_times import FIRST_YEAR, LAST_YEAR

EARLIEST_YEAR, LATEST_YEAR = FIRST_YEAR + 1, LAST_YEAR - 2
"""What starts before or later leaves a catalog's times, or the calendar."""
_OUTPUT = click.Path(dir_okay=False, writable=True, path_type=Path)


def _check_year(
    _context: click.Context, _option: click.Parameter, starts: datetime | None
) -> datetime | None:
    if starts is not None and not EARLIEST_YEAR <= starts.year <= LATEST_YEAR:
        raise click.BadParameter(f"must be in the years {EARLIEST_YEAR} to {LATEST_YEAR}.")
    return starts


@click.command("convert-timetable")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--starts",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_check_year,
    help="A day of the week to start in; next week unless told.",
)
@click.option("--catalog", "catalog_file", type=_OUTPUT, required=True, help="The catalog's file.")
@click.option(
    "--enrolments", "enrolments_file", type=_OUTPUT, required=True, help="One booking a line."
)
@as_json
@with_appcontext
@fails_in_one_line
def convert_timetable_command(
    file: Path,
    starts: datetime | None,
    catalog_file: Path,
    enrolments_file: Path,
    *,
    as_json: bool,
) -> None:
    """Convert the timetable in FILE; lines that make no sense are listed and left out."""
    _refuse_one_file_twice((file, catalog_file, enrolments_file))
    try:
        lines, problems = read_lines(file)
    except UnreadableTimetable as error:
        raise Failure(f"{file} {error}") from None
    made = convert(lines, starts.date() if starts else next_monday(utc_now()))
    for problem in sorted(problems + made.problems):
        click.echo(str(problem), err=True)
    _write(made, catalog_file, enrolments_file)
    _print_summary(made, len(lines) + len(problems), as_json=as_json)


def _refuse_one_file_twice(files: Sequence[Path]) -> None:
    # what is written last would take the place of the timetable, or of what was written first
    for one, other in combinations(files, 2):
        if _are_one_file(one, other):
            raise click.UsageError(f"{one} and {other} are one file; each needs one of its own.")


def _are_one_file(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other)
    return os.path.realpath(one) == os.path.realpath(other)


def _write(made: Conversion, catalog_file: Path, enrolments_file: Path) -> None:
    catalog_file.write_text(json.dumps(made.catalog, ensure_ascii=False) + "\n", encoding="utf-8")
    with enrolments_file.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(enrolment) + "\n" for enrolment in made.enrolments)


def _print_summary(made: Conversion, lines: int, *, as_json: bool) -> None:
    summary = {
        "linesTaken": made.lines_taken,
        "linesLeftOut": lines - made.lines_taken,
        **{kind: len(rows) for kind, rows in made.catalog.items()},
        "sessions": made.session_count,
        "enrolments": len(made.enrolments),
    }
    if as_json:
        print_json(summary)
        return
    for name, number in summary.items():
        click.echo(f"{name}: {number}")
