"""`flask --app app purge --older-than DAYS`: deletes what was finished long ago."""

from datetime import timedelta

import click
from flask.cli import with_appcontext
from tqdm import tqdm

from app.api.collaborators import current_runtime
from app.cli.failures import fails_in_one_line
from app.cli.output import as_json, print_json
from app.clock import utc_now
from models.purging.purge import SHORTEST_DAYS, purge

LONGEST_DAYS = 36_500


@click.command("purge")
@click.option(
    "--older-than",
    "days",
    type=click.IntRange(SHORTEST_DAYS, LONGEST_DAYS),
    required=True,
    metavar="DAYS",
    help=f"Keep what was finished since; {SHORTEST_DAYS} at least.",
)
@click.option("--dry-run", is_flag=True, help="Count, and delete nothing.")
@as_json
@with_appcontext
@fails_in_one_line
def purge_command(days: int, *, dry_run: bool, as_json: bool) -> None:
    """Delete jobs, messages, events and their like that were finished more than DAYS ago.

    In small batches, while everything runs. People, bookings, the seat ledger and the audit log
    stay.
    """
    before = utc_now() - timedelta(days=days)
    # disable=None: a bar for people at a terminal, nothing in a log
    with tqdm(unit=" rows", disable=None, leave=False) as bar:
        purged = purge(current_runtime().engine, before, dry_run=dry_run, on_rows=bar.update)
    if as_json:
        print_json({"dryRun": dry_run, "purged": purged})
        return
    for name, rows in purged.items():
        click.echo(f"{name}: {rows} {'would be purged' if dry_run else 'purged'}")
