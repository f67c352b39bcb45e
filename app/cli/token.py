"""`flask --app app token USER_ID`: a bearer token for trying things out."""

from datetime import timedelta

import click
from flask.cli import with_appcontext

from app.api.collaborators import current_runtime, current_settings
from app.api.fields import is_storable
from app.cli.failures import Failure, fails_in_one_line
from app.cli.output import as_json, print_json
from app.clock import utc_now
from app.tokens import issue_token
from models.people import Person, find_person, find_person_by_email

LONGEST_MINUTES = 366 * 24 * 60


@click.command("token")
@click.argument("user_id", type=click.IntRange(1, 2**63 - 1), required=False)
@click.option("--email", help="The user's address, instead of the id.")
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
    if (user_id is None) == (email is None):
        raise click.UsageError("Give either USER_ID or --email.")
    person = _find(user_id, email)
    if person is None:
        raise Failure(f"There is no user {user_id if email is None else email!r}.")
    now, lifetime = utc_now(), timedelta(minutes=minutes)
    try:
        token = issue_token(current_settings(), person.id, lifetime, now)
    except ValueError as error:
        raise Failure(f"No token: {error}.") from None
    if as_json:
        print_json({"token": token, "userId": person.id, "minutes": minutes})
    else:
        click.echo(token)


def _find(user_id: int | None, email: str | None) -> Person | None:
    with current_runtime().engine.connect() as db:
        if email is not None:
            return find_person_by_email(db, email) if is_storable(email) else None
        return None if user_id is None else find_person(db, user_id)
