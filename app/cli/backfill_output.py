"""What `backfill-bookings` prints."""

from datetime import datetime, timedelta
from typing import Any

import click

from app.cli.output import print_json
from models.backfill.batching import Pace
from models.backfill.running import Summary
from models.backfill.undoing import Undone
from models.instants import print_instant


def print_nothing(now: datetime, *, as_json: bool) -> None:
    """Say that no step waits for its booking."""
    if as_json:
        print_json(_facts(Summary(None, now, went_on=False, before=0)) | {"dryRun": False})
    else:
        click.echo("nothing to do: every booked step has its booking")


def print_summary(summary: Summary, *, as_json: bool) -> None:
    """Say what a run came to, and what proves it."""
    if as_json:
        print_json(_facts(summary))
        return
    for fault in summary.faults:
        click.echo(fault)
    if summary.run_id is None:
        click.echo(f"dry run: {summary.before} booked steps without a booking; nothing is written")
    else:
        went_on = ", gone on with" if summary.went_on else ""
        click.echo(
            f"run {summary.run_id}{went_on}: {summary.before} booked steps without a booking"
        )
    codes = ", ".join(f"{code} {count}" for code, count in sorted(summary.left.items()))
    click.echo(f"linked: {summary.linked}")
    click.echo(f"left: {summary.left.total()}" + (f" ({codes})" if codes else ""))
    if summary.run_id is not None:
        _print_proof(summary)
    _print_pace(summary.pace)


def _print_proof(summary: Summary) -> None:
    click.echo(f"changed by others meanwhile: {summary.changed_meanwhile}")
    if not summary.faults:
        click.echo(
            f"verified: {summary.before} before, {summary.linked} linked,"
            f" {summary.after} without a booking; each link has its seat and ledger row"
        )
    if summary.unseen:
        click.echo(f"booked behind this run, or locked by others: {summary.unseen}; run it again")


def _facts(summary: Summary) -> dict[str, Any]:
    return {
        "run": summary.run_id,
        "dryRun": summary.run_id is None,
        "now": print_instant(summary.now),
        "before": summary.before,
        "linked": summary.linked,
        "left": dict(sorted(summary.left.items())),
        "after": summary.after,
        "changedMeanwhile": summary.changed_meanwhile,
        "unseen": summary.unseen,
        "faults": summary.faults,
        **_pace_facts(summary.pace),
    }


def print_undone(undone: Undone, *, dry_run: bool, as_json: bool) -> None:
    """Say what an undo took away, and which bookings it kept."""
    if as_json:
        facts = {"run": undone.run_id, "dryRun": dry_run, "undone": undone.undone}
        print_json({**facts, "kept": undone.kept, **_pace_facts(undone.pace)})
        return
    if dry_run:
        click.echo("dry run: nothing is written")
    click.echo(f"undone: {undone.undone}")
    click.echo(f"kept, changed since or held by the database: {len(undone.kept)}")
    for booking_id in undone.kept:
        click.echo(f"booking {booking_id}")
    _print_pace(undone.pace)


def _print_pace(pace: Pace) -> None:
    click.echo(f"took {_seconds(pace.spent):.1f} s, the longest transaction {_ms(pace.longest)} ms")


def _pace_facts(pace: Pace) -> dict[str, Any]:
    return {"seconds": round(_seconds(pace.spent), 3), "longestMs": _ms(pace.longest)}


def _seconds(span: timedelta) -> float:
    return span / timedelta(seconds=1)


def _ms(span: timedelta) -> int:
    return round(span / timedelta(milliseconds=1))
