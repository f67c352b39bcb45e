"""`flask --app app check`: proves the invariants on every stored row."""

import click
from flask.cli import with_appcontext

from app.api.collaborators import current_runtime
from app.cli.failures import FAULT, fails_in_one_line
from app.cli.output import as_json, print_json
from models.invariants import Findings, check_invariants


@click.command("check")
@as_json
@with_appcontext
@fails_in_one_line
def check_command(*, as_json: bool) -> None:
    """Prove what must always be true, in a snapshot of this moment."""
    findings = check_invariants(current_runtime().engine)
    _print(findings, as_json=as_json)
    if findings.violations:
        raise click.exceptions.Exit(FAULT)


def _print(findings: Findings, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "ok": not findings.violations,
                "sessions": findings.sessions,
                "bookings": findings.bookings,
                "violations": [violation._asdict() for violation in findings.violations],
            }
        )
        return
    for violation in findings.violations:
        click.echo(str(violation))
    if not findings.violations:
        click.echo(f"ok: {findings.sessions} sessions, {findings.bookings} bookings")
