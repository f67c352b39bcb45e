"""Asks before a downgrade takes away what no upgrade brings back."""

import sys
from collections.abc import Sequence

import click

from app.cli.failures import Failure
from migrations.commands import EXPANDED, goes_below
from migrations.waiting import WITH_ALL_KINDS

WITH_WEBHOOKS = "0006"
WITH_BACKFILL_RUNS = "0008"

LOSES = {
    EXPANDED: "all jobs, the audit entries, the seat ledger and the events",
    WITH_ALL_KINDS: "the waitlists",
    WITH_WEBHOOKS: "the webhooks, which reminders were sent, and the addresses of calendars",
    WITH_BACKFILL_RUNS: "which run of the backfill made what, so that none can be undone",
}
"""What is dropped by going below each revision."""


def require_consent(stands_at: Sequence[str], target: str) -> None:
    """Ask whoever sits at a terminal before a harmful downgrade; raises `Failure` for a no.

    A script is taken at its word.
    """
    # a process may also be given no stdin at all
    at_terminal = sys.stdin is not None and sys.stdin.isatty()
    losses = _losses(stands_at, target) if at_terminal else []
    # the question is no result, so it goes to stderr
    if losses and not click.confirm(f"{'. '.join(losses)}. Go on?", err=True):
        raise Failure("Nothing was done.")


def _losses(stands_at: Sequence[str], target: str) -> list[str]:
    return [
        f"Going below {revision} drops {what}"
        for revision, what in LOSES.items()
        if goes_below(stands_at, target, revision)
    ]
