"""Asks before a downgrade takes away what no upgrade brings back."""

import sys

import click
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError

from app.cli.failures import Failure
from app.settings import CHECKOUT
from migrations.commands import EXPANDED

LOSES = f"Going below {EXPANDED} drops all jobs, the audit entries, the seat ledger and the events"


def require_consent(current: str | None, target: str) -> None:
    """Ask whoever sits at a terminal before a harmful downgrade; raises `Failure` for a no.

    A script is taken at its word.
    """
    # a process may also be given no stdin at all
    at_terminal = sys.stdin is not None and sys.stdin.isatty()
    if not at_terminal or not _loses_data(current, target):
        return
    # the question is no result, so it goes to stderr
    if not click.confirm(f"{LOSES}. Go on?", err=True):
        raise Failure("Nothing was done.")


def _loses_data(current: str | None, target: str) -> bool:
    scripts = ScriptDirectory(str(CHECKOUT / "migrations"))
    try:
        undone = scripts.iterate_revisions(current, target, select_for_downgrade=True)
        return any(script.revision == EXPANDED for script in undone)
    except RevisionError:
        return False  # it leads nowhere, as the downgrade itself is about to say
