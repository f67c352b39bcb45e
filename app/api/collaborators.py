"""What views need that may only be made after the server's processes have forked.

The application holds one object with these properties in `app.extensions["runtime"]`; it makes
each of them at its first use.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, cast

import structlog
from flask import Flask, current_app, g
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from app.api.readiness import Readiness
from app.job_waiters import JobWaiters
from app.queue_view import QueueView
from app.settings import Settings
from app.submit_limit import SubmitLimit
from tasks.wakeups import Wakeups

RUNTIME = "runtime"
SETTINGS = "settings"

log = structlog.get_logger(__name__)


class Runtime(Protocol):
    """The outside world of one process."""

    @property
    def engine(self) -> Engine:
        """The database, its pool opened in this process."""

    @property
    def statements(self) -> Engine:
        """The same, but each statement is committed at once."""

    @property
    def wakeups(self) -> Wakeups:
        """The way to wake a worker."""

    @property
    def submit_limit(self) -> SubmitLimit:
        """How many submits one user may make."""

    @property
    def queue(self) -> QueueView:
        """The queue, at most a second old."""

    @property
    def waiters(self) -> JobWaiters:
        """The threads that wait for their jobs."""

    @property
    def readiness(self) -> Readiness:
        """How `/readyz` finds out what works."""


def current_settings() -> Settings:
    """Return the settings of the application that handles this request."""
    return cast(Settings, current_app.extensions[SETTINGS])


def current_runtime() -> Runtime:
    """Return the runtime of the application that handles this request."""
    return cast(Runtime, current_app.extensions[RUNTIME])


def request_db() -> Connection:
    """Return this request's connection, opened at first use; each statement is committed at once.

    Raises what SQLAlchemy raises when the database is away, which becomes a 503.
    """
    if "db" not in g:
        g.db = current_runtime().statements.connect()
    return cast(Connection, g.db)


@contextmanager
def request_transaction() -> Iterator[Connection]:
    """Several statements that are committed together, on a connection of their own.

    The request's other one is given back first: who holds one and waits for a second could wait
    for ever.
    """
    release_db()
    with current_runtime().engine.begin() as db:
        yield db


def release_db(_: BaseException | None = None) -> None:
    """Give the request's connection back, at its end or before it waits for something else."""
    db: Connection | None = g.pop("db", None)
    if db is None:
        return
    try:
        db.close()
    except SQLAlchemyError as error:
        # the answer is made, or the error told; a connection that broke since changes neither
        log.warning("connection_lost", error=type(error).__name__)


def register_release(app: Flask) -> None:
    """Give back each request's connection when the request ends."""
    app.teardown_request(release_db)
