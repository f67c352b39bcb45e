"""`flask --app app db upgrade | downgrade | current`: the schema's revisions."""

import re

import click
from flask.cli import AppGroup

from app.api.collaborators import current_runtime
from app.cli.database_shell import shell_command
from app.cli.downgrade_consent import require_consent
from app.cli.failures import fails_in_one_line
from app.cli.output import as_json, print_json
from migrations import commands
from migrations.standing import current

_REVISION = re.compile(r"\w*([+-]\d+)?|\w+@(head|[+-]\d+)", re.ASCII)


def _check_revision(_context: click.Context, _argument: click.Parameter, revision: str) -> str:
    if revision and _REVISION.fullmatch(revision):
        return revision
    if revision.startswith("-"):
        raise click.NoSuchOption(revision)
    raise click.BadParameter(
        "must be a revision such as 0003, heads, base, +1, -1, expand@head or contract@-1."
    )


db_group = AppGroup("db", help="Bring the database to a revision, or ask where it stands.")
db_group.add_command(shell_command)


@db_group.command("upgrade")
@click.argument("revision", default="heads", callback=_check_revision)
@as_json
@fails_in_one_line
def upgrade_command(revision: str, *, as_json: bool) -> None:
    """Upgrade to REVISION, to everything there is unless told.

    `expand@head` is the newest that the old code can run beside; the contract is a branch.
    """
    commands.upgrade(current_runtime().engine, revision)
    _print_current(as_json=as_json)


# without the setting, `-1` would be taken for an option
@db_group.command("downgrade", context_settings={"ignore_unknown_options": True})
@click.argument("revision", default="-1", callback=_check_revision)
@click.option("--yes", is_flag=True, help="Don't ask before data are dropped.")
@as_json
@fails_in_one_line
def downgrade_command(revision: str, *, yes: bool, as_json: bool) -> None:
    """Take the schema down to REVISION, by one unless told; `base` is the empty database.

    One down from the contract takes the contract back; `expand@-1` goes down the main line.
    """
    engine = current_runtime().engine
    if not yes:
        with engine.connect() as db:
            stands_at = current(db)
        require_consent(stands_at, commands.revision_below(stands_at, revision))
    commands.downgrade(engine, revision)
    _print_current(as_json=as_json)


@db_group.command("current")
@as_json
@fails_in_one_line
def current_command(*, as_json: bool) -> None:
    """Print the revision that the database stands at, of each branch."""
    _print_current(as_json=as_json)


def _print_current(*, as_json: bool) -> None:
    with current_runtime().engine.connect() as db:
        stands_at = _listed(current(db))
    newest = _listed(commands.newest())
    if as_json:
        print_json({"revision": stands_at, "newest": newest})
    else:
        state = "the newest" if stands_at == newest else f"the newest is {newest}"
        click.echo(f"revision {stands_at or 'none'} ({state})")


def _listed(revisions: list[str]) -> str | None:
    # one string however many there are, so that a script can compare the two
    return ", ".join(revisions) or None
