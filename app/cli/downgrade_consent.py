"""Asks before a downgrade takes away what no upgrade brings back."""

from collections.abc import Sequence

from app.cli.consent import ask, is_at_terminal
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
    losses = _losses(stands_at, target) if is_at_terminal() else []
    if losses:
        ask(f"{'. '.join(losses)}. Go on?")


def _losses(stands_at: Sequence[str], target: str) -> list[str]:
    return [
        f"Going below {revision} drops {what}"
        for revision, what in LOSES.items()
        if goes_below(stands_at, target, revision)
    ]
