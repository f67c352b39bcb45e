"""`flask --app app backfill-bookings`: links what the old code called booked to bookings."""

from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from tqdm import tqdm

from app.api.collaborators import current_runtime
from app.cli.backfill_output import print_nothing, print_summary, print_undone
from app.cli.backfill_report import require_place_for, write_report
from app.cli.failures import FAULT, Failure, fails_in_one_line
from app.cli.output import as_json
from app.clock import utc_now
from models.backfill.running import backfill, rehearse
from models.backfill.runs import RunUndoneError
from models.backfill.undoing import ContractedError, NoSuchRunError, undo


@click.command("backfill-bookings")
@click.option("--dry-run", is_flag=True, help="Do all of it and roll it back.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, writable=True, resolve_path=True, path_type=Path),
    help="Write the steps that could not be placed to this CSV file.",
)
@click.option("--undo", "run_id", type=click.IntRange(min=1), help="Take this run back instead.")
@as_json
@with_appcontext
@fails_in_one_line
def backfill_command(
    *, dry_run: bool, report: Path | None, run_id: int | None, as_json: bool
) -> None:
    """Give every step that is booked without a booking the one that was meant.

    That is a seat in the session that its cohort pins, or else in the first planned session of its
    class. What can't be placed is left as it is, and listed in the report. Broken off, it goes on
    where it was; run again, it only looks at what is left.
    """
    if report is not None and run_id is not None:
        raise click.UsageError("--report is for what a run leaves; --undo leaves nothing.")
    if report is not None:
        require_place_for(report)
    if run_id is not None:
        _undo(run_id, dry_run=dry_run, as_json=as_json)
        return
    _backfill(report, dry_run=dry_run, as_json=as_json)


def _backfill(report: Path | None, *, dry_run: bool, as_json: bool) -> None:
    policy = current_app.extensions["settings"].policy
    work = rehearse if dry_run else backfill
    now = utc_now()
    try:
        with _bar() as bar:
            summary = work(
                current_runtime().engine,
                policy,
                now,
                on_found=lambda count: _begin(bar, count),
                on_rows=bar.update,
            )
    except RunUndoneError as undone:
        raise Failure(f"Run {undone} was taken back meanwhile, and ends here.") from None
    if summary is None:
        print_nothing(now, as_json=as_json)
    else:
        print_summary(summary, as_json=as_json)
    # afterwards, so that a full disk keeps nobody from knowing what was done
    if report is not None:
        write_report(report, summary.left_steps if summary else [])
    if summary and summary.faults:
        raise click.exceptions.Exit(FAULT)


def _undo(run_id: int, *, dry_run: bool, as_json: bool) -> None:
    try:
        with _bar() as bar:
            undone = undo(
                current_runtime().engine,
                run_id,
                current_app.extensions["settings"].policy,
                utc_now(),
                dry=dry_run,
                on_found=lambda count: _begin(bar, count),
                on_rows=bar.update,
            )
    except NoSuchRunError:
        raise Failure(f"There is no backfill run {run_id}.") from None
    except ContractedError:
        raise Failure(
            "After the contract no step can be booked without a booking:"
            " take it back first (flask --app app db downgrade contract@-1)."
        ) from None
    print_undone(undone, dry_run=dry_run, as_json=as_json)


def _bar() -> "tqdm[Any]":
    # disable=None: a bar for people at a terminal, nothing in a log
    return tqdm(total=0, unit=" steps", disable=None, leave=False)


def _begin(bar: "tqdm[Any]", count: int) -> None:
    bar.reset(total=count)
