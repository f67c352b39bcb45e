"""`flask --app app token USER_ID`: a bearer token for trying things out."""

from datetime import timedelta

import click
from flask.cli import with_appcontext

from app.api.collaborators import current_settings
from app.cli.failures import Failure, fails_in_one_line
from app.cli.output import as_json, print_json
from app.cli.person import named_person, takes_person
from app.clock import utc_now
from app.tokens import issue_token

LONGEST_MINUTES = 366 * 24 * 60


@click.command("token")
@takes_person
@click.option(
    "--minutes",
    type=click.IntRange(1, LONGEST_MINUTES),
    default=60,
    show_default=True,
    help="How long it is valid.",
)
@as_json
@with_appcontext
@fails_in_one_line
def token_command(user_id: int | None, email: str | None, minutes: int, *, as_json: bool) -> None:
    """Print a JWT for the user with USER_ID, or with --email."""
    person = named_person(user_id, email)
    if person.is_erased:
        raise Failure(f"User {person.id} was erased.")
    now, lifetime = utc_now(), timedelta(minutes=minutes)
    try:
        token = issue_token(current_settings(), person.id, lifetime, now)
    except ValueError as error:
        raise Failure(f"No token: {error}.") from None
    if as_json:
        print_json({"token": token, "userId": person.id, "minutes": minutes})
    else:
        click.echo(token)
