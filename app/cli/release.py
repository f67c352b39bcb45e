"""`flask --app app release`: what a new version, or the first start, has to do once."""

import click
from flask.cli import with_appcontext

from app.api.collaborators import current_runtime, current_settings
from app.cli.failures import fails_in_one_line
from app.clock import utc_now
from app.demo import load_demo, write_logins
from app.settings import running_servers
from migrations import commands
from models.policy import Policy


@click.command("release")
@with_appcontext
@fails_in_one_line
def release_command() -> None:
    """Migrate; and fill the embedded database with the demo school while it is empty."""
    settings, engine = current_settings(), current_runtime().engine
    commands.upgrade_for_release(engine)
    embedded = running_servers(settings.var).get("database_url")
    if settings.database_url != embedded:
        return  # somebody's own database gets no demo
    policy = Policy(settings.change_window, settings.cancel_window)
    if load_demo(engine, utc_now(), policy):
        write_logins(settings.var / "demo.json")
        click.echo("The database was empty: the demo school was put in.")
