"""`flask --app app release`: what a new version, or the first start, has to do once."""

from contextlib import suppress

import click
from flask.cli import with_appcontext

from app.api.collaborators import current_runtime, current_settings
from app.cli.failures import fails_in_one_line
from app.clock import utc_now
from app.demo import load_demo, write_logins
from app.settings import running_servers
from migrations import commands


@click.command("release")
@with_appcontext
@fails_in_one_line
def release_command() -> None:
    """Migrate; and fill the embedded database with the demo school while it is empty."""
    settings, engine = current_settings(), current_runtime().engine
    commands.upgrade_for_release(engine)
    logins = settings.var / "demo.json"
    # somebody's own database gets no demo
    is_embedded = settings.database_url == running_servers(settings.var).get("database_url")
    if not is_embedded:
        logins.unlink(missing_ok=True)
        return
    if load_demo(engine, utc_now(), settings.policy):
        with suppress(BrokenPipeError):  # nobody reads on, and the rest is to be done all the same
            click.echo("The demo school was put into the empty database.")
    write_logins(engine, logins)
