"""How a command fails: one line on stderr and an exit code, never a traceback."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import click
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

FAULT = 1
USAGE = 2

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
        except (OperationalError, PoolTimeout) as error:
            raise Failure(f"The database is away or busy: {_first_line(error)}") from None
        except ProgrammingError as error:
            if not _is_unmigrated(error):
                raise
            raise Failure("The database isn't migrated: run flask --app app db upgrade") from None
        except CommandError as error:
            raise Failure(f"The migration can't be done: {error}") from None
        except OSError as error:
            raise Failure(f"{error.filename or 'A file'}: {error.strerror or error}") from None

    return run


def _is_unmigrated(error: ProgrammingError) -> bool:
    # undefined_table and undefined_column
    return getattr(error.orig, "sqlstate", None) in ("42P01", "42703")


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return next(iter(str(cause).splitlines()), type(error).__name__)
