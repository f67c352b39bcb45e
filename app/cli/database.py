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

_REVISION = re.compile(r"\w*([+-]\d+)?", re.ASCII)


def _check_revision(_context: click.Context, _argument: click.Parameter, revision: str) -> str:
    if revision and _REVISION.fullmatch(revision):
        return revision
    if revision.startswith("-"):
        raise click.NoSuchOption(revision)
    raise click.BadParameter("must be a revision such as 0003, head, base, +1 or -1.")


db_group = AppGroup("db", help="Bring the database to a revision, or ask where it stands.")
db_group.add_command(shell_command)


@db_group.command("upgrade")
@click.argument("revision", default="head", callback=_check_revision)
@as_json
@fails_in_one_line
def upgrade_command(revision: str, *, as_json: bool) -> None:
    """Upgrade to REVISION, the newest unless told."""
    commands.upgrade(current_runtime().engine, revision)
    _print_current(as_json=as_json)


# without the setting, `-1` would be taken for an option
@db_group.command("downgrade", context_settings={"ignore_unknown_options": True})
@click.argument("revision", default="-1", callback=_check_revision)
@click.option("--yes", is_flag=True, help="Don't ask before data are dropped.")
@as_json
@fails_in_one_line
def downgrade_command(revision: str, *, yes: bool, as_json: bool) -> None:
    """Take the schema down to REVISION, by one unless told; `base` is the empty database."""
    engine = current_runtime().engine
    if not yes:
        with engine.connect() as db:
            current = commands.current(db)
        require_consent(current, revision)
    commands.downgrade(engine, revision)
    _print_current(as_json=as_json)


@db_group.command("current")
@as_json
@fails_in_one_line
def current_command(*, as_json: bool) -> None:
    """Print the revision that the database stands at."""
    _print_current(as_json=as_json)


def _print_current(*, as_json: bool) -> None:
    with current_runtime().engine.connect() as db:
        current = commands.current(db)
    newest = commands.head()
    if as_json:
        print_json({"revision": current, "newest": newest})
    else:
        state = "the newest" if current == newest else f"the newest is {newest}"
        click.echo(f"revision {current or 'none'} ({state})")
