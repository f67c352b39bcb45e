"""`flask --app app export-user ID`: everything that is kept about one person, as JSON."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

import click
import orjson
from flask.cli import with_appcontext
from sqlalchemy import RowMapping

from app.api.collaborators import current_runtime
from app.cli.failures import fails_in_one_line
from app.cli.person import named_person, takes_person
from app.clock import utc_now
from models.instants import print_instant
from models.personal.export import Rows, export_person


@click.command("export-user")
@takes_person
@with_appcontext
@fails_in_one_line
def export_user_command(user_id: int | None, email: str | None) -> None:
    """Print everything that is kept about the user with USER_ID, or with --email."""
    person = named_person(user_id, email)
    for chunk in _document(person.id, utc_now()):
        click.echo(chunk, nl=False)


def _document(user_id: int, now: datetime) -> Iterator[str]:
    """One JSON document, a line for each row: however much it is, little is in memory."""
    yield f'{{"userId": {user_id},\n"exportedAt": "{print_instant(now)}"'
    for name, rows in export_person(current_runtime().engine, user_id):
        yield f',\n"{name}": '
        yield from _profile(rows) if name == "profile" else _array(rows)
    yield "}\n"


def _profile(rows: Rows) -> Iterator[str]:
    for row in rows:
        yield _printed(row)


def _array(rows: Rows) -> Iterator[str]:
    yield "["
    first = next(rows, None)
    if first is not None:
        yield f"\n{_printed(first)}"
        yield from chain.from_iterable((",\n", _printed(row)) for row in rows)
    yield "]"


def _printed(row: RowMapping) -> str:
    named = {_in_camel_case(name): value for name, value in row.items()}
    return orjson.dumps(named, option=orjson.OPT_UTC_Z).decode()


def _in_camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)
