"""How a command fails: one line on stderr and an exit code, never a traceback."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import click
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

FAULT = 1
UNMIGRATED = ("42P01", "42703")
"""SQLSTATE of a table and of a column that isn't there."""

Parameters = ParamSpec("Parameters")


class Failure(click.ClickException):
    """The command can't do what it was asked to; its text is what the person reads."""

    exit_code = FAULT

    def show(self, file: Any = None) -> None:
        """Print the text alone."""
        click.echo(self.message, file=file, err=True)


def fails_in_one_line(command: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Let a command end with one line where the database or a file isn't what it should be."""

    @wraps(command)
    def run(*args: Parameters.args, **options: Parameters.kwargs) -> None:
        try:
            command(*args, **options)
        except (DBAPIError, PoolTimeout) as error:
            raise Failure(_what_is_wrong(error)) from None
        except CommandError as error:
            raise Failure(f"The migration can't be done: {error}") from None
        except BrokenPipeError:
            raise  # click ends quietly when nobody reads on
        except OSError as error:
            raise Failure(f"{error.filename or 'A file'}: {error.strerror or error}") from None

    return run


def _what_is_wrong(error: DBAPIError | PoolTimeout) -> str:
    if isinstance(error, OperationalError | PoolTimeout):
        return f"The database is away or busy: {_first_line(error)}"
    state = getattr(error.orig, "sqlstate", None)
    if state in UNMIGRATED:
        return "The database isn't migrated: run flask --app app release"
    if state is None and error.statement is None:
        return f"The database can't be connected to: {_first_line(error)}"
    return f"The database refused a statement: {_name(error.orig, state)}"


def _first_line(error: DBAPIError | PoolTimeout) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return next(iter(str(cause).splitlines()), type(error).__name__)


def _name(cause: BaseException | None, state: str | None) -> str:
    """Name an error and what it is about; its text may hold people's data and is left out."""
    diagnosis = getattr(cause, "diag", None)
    about = [
        f"{what} {name}"
        for what in ("constraint", "table", "column")
        if (name := getattr(diagnosis, f"{what}_name", None))
    ]
    return ", ".join([type(cause).__name__, *([f"SQLSTATE {state}"] if state else []), *about])
