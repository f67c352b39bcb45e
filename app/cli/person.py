"""How a command is told whom it is about: by USER_ID, or by --email."""

from collections.abc import Callable
from typing import Any

import click

from app.api.collaborators import current_runtime
from app.api.fields import is_storable
from app.cli.failures import Failure
from models.people import Person, find_person, find_person_by_email


def takes_person(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the argument `user_id` and the option `email`."""
    by_id = click.argument("user_id", type=click.IntRange(1, 2**63 - 1), required=False)
    return by_id(click.option("--email", help="The user's address, instead of the id.")(command))


def named_person(user_id: int | None, email: str | None) -> Person:
    """Return who was named; raises UsageError unless by one of both, Failure for nobody."""
    if (user_id is None) == (email is None):
        raise click.UsageError("Give either USER_ID or --email.")
    person = _find(user_id, email)
    if person is None:
        raise Failure(f"There is no user {user_id if email is None else email!r}.")
    return person


def _find(user_id: int | None, email: str | None) -> Person | None:
    with current_runtime().engine.connect() as db:
        if email is not None:
            return find_person_by_email(db, email) if is_storable(email) else None
        return None if user_id is None else find_person(db, user_id)
