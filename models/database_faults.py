"""Tells whose fault an error is: the work's own, or that of the database it was done in."""

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

LOCKED_OUT = "55P03"
"""lock_not_available: lock_timeout ran out."""
OWN_STATES = {"57014"}
"""statement_timeout: this work may be what takes so long."""
OWN_CLASSES = {"22", "23", "54", "P0"}
"""Bad data, a broken constraint, a limit of the program, a trigger that says no."""
DOUBTFUL_CLASSES = {"0A", "42", "XX"}
"""A statement that can't be run: by this work's doing, or because the schema isn't what it was."""


def is_passing(error: Exception) -> bool:
    """Whether the database is at fault, so that trying again later can help.

    A deadlock, a lost or refused connection, a lock or a place in the pool that couldn't be had,
    a server that is full or only lets itself be read.
    """
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError) or isinstance(error, DataError | IntegrityError):
        return False
    state = _state(error)
    return state not in OWN_STATES and state[:2] not in OWN_CLASSES | DOUBTFUL_CLASSES


def is_doubtful(error: Exception) -> bool:
    """Whether the error is the database's if everybody meets it, and the work's own if not."""
    return isinstance(error, DBAPIError) and _state(error)[:2] in DOUBTFUL_CLASSES


def is_locked_out(error: Exception) -> bool:
    """Whether somebody else kept a row locked for too long; trying at once again is no help."""
    return isinstance(error, DBAPIError) and _state(error) == LOCKED_OUT


def _state(error: DBAPIError) -> str:
    """The SQLSTATE; empty when the connection broke before there was one."""
    return getattr(error.orig, "sqlstate", None) or ""
