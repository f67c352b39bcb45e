"""`flask --app app erase-user ID`: only the person's number stays, and all that is counted."""

import click
from flask.cli import with_appcontext

from app.api.collaborators import current_runtime, current_settings
from app.cli.consent import ask, is_at_terminal
from app.cli.failures import Failure, fails_in_one_line
from app.cli.output import as_json, print_json
from app.cli.person import named_person, takes_person
from app.clock import utc_now
from models.people import Person
from models.personal.erasing import Erasure, erase_person, look_at_erasing
from models.personal.open_matters import CannotBeErased
from models.round import Decider


@click.command("erase-user")
@takes_person
@click.option("--dry-run", is_flag=True, help="Say what it would come to, and do nothing.")
@click.option("--yes", is_flag=True, help="Don't ask before it is done.")
@as_json
@with_appcontext
@fails_in_one_line
def erase_user_command(
    user_id: int | None, email: str | None, *, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Erase the user with USER_ID, or with --email: what they have to come is cancelled first.

    Nothing brings them back. Their number, bookings and seats stay, as nobody's.
    """
    person = named_person(user_id, email)
    try:
        erasure = _look(person) if dry_run else _erase(person, asks=not yes and is_at_terminal())
    except CannotBeErased as error:
        raise Failure(f"{error}.") from None
    _print(person.id, erasure, dry_run=dry_run, as_json=as_json)


def _look(person: Person) -> Erasure:
    return look_at_erasing(current_runtime().engine, person.id, utc_now())


def _erase(person: Person, *, asks: bool) -> Erasure:
    if asks:
        found = _look(person)
        ask(
            f"User {person.id} is erased for good, with {found.packages} active packages and"
            f" {found.bookings} other coming bookings. Go on?"
        )
    decider = Decider(current_runtime().engine, utc_now, current_settings().policy)
    return erase_person(decider, person.id)


def _print(user_id: int, erasure: Erasure, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        cancelled = {"packages": erasure.packages, "bookings": erasure.bookings}
        print_json(
            {
                "userId": user_id,
                "dryRun": dry_run,
                "cancelled": cancelled,
                "emptied": erasure.emptied,
            }
        )
        return
    would = "would be " if dry_run else ""
    click.echo(f"packages, with their coming bookings: {erasure.packages} {would}cancelled")
    click.echo(f"other coming bookings: {erasure.bookings} {would}cancelled")
    for name, rows in erasure.emptied.items():
        click.echo(f"{name}: {rows} {would}emptied")
    click.echo(f"user {user_id} {'would be' if dry_run else 'is'} erased")
