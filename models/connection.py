"""The way to the database: one engine a process, made after fork."""

import select
from typing import Any

import psycopg
from sqlalchemy import Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import DisconnectionError

POOL_WAIT_SECONDS = 5
PREPARED_AT = 5
"""How often a statement is asked before it is prepared."""
CONNECT_SECONDS = 5
KEEPALIVE = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""Seconds, but for the last, which is milliseconds; of no meaning on a Unix socket."""


def make_engine(
    url: str,
    *,
    pool_size: int = 5,
    application: str = "thrive",
    autocommit: bool = False,
    prepares: bool = False,
) -> Engine:
    """An engine whose connections are checked before use and waited for at most 5 seconds.

    It opens twice `pool_size` of them at most, as they are needed, and keeps them. With
    `autocommit` each statement is a transaction of its own, which saves the round trips of BEGIN
    and of COMMIT or ROLLBACK. With `prepares` the server keeps the plans of what it is asked often,
    unless a pooler is in between: planning costs it more than finding a job (measured).

    Isolation stays READ COMMITTED: locking first and reading afterwards sees what the one who
    held the lock before has committed. Timeouts are the role's (`ALTER ROLE`), because a
    connection pooler in between drops connection options.
    """
    engine = create_engine(
        url,
        # an error's text must not carry anybody's data into the log
        hide_parameters=True,
        # as overflow, half of them would be closed after each use, and opened again in a rush
        pool_size=2 * pool_size,
        max_overflow=0,
        # the one that was used last has the most in its caches
        pool_use_lifo=True,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_recycle=1800,
        isolation_level="AUTOCOMMIT" if autocommit else None,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            # a server that vanished from the network would be waited for without end
            **KEEPALIVE,
            "application_name": application,
            # text comes as text from any database, so that one of another encoding can be refused
            "client_encoding": "utf8",
            "prepare_threshold": None,
        },
    )
    if prepares:
        event.listen(engine, "connect", _prepare_unless_pooled)
    event.listen(engine, "checkout", _replace_if_ended)
    event.listen(engine, "handle_error", _leave_rows_out)
    return engine


def _prepare_unless_pooled(connection: Any, _: object) -> None:
    """Let psycopg prepare what it is asked often, where the server itself is at the other end.

    A pooler such as PgBouncer gives each transaction another connection, which knows no prepared
    statement. It can be told by its key for cancelling, which names no process of the server.
    """
    (process,) = connection.execute("SELECT pg_backend_pid()").fetchone()
    connection.rollback()
    if process == connection.info.backend_pid:
        connection.prepare_threshold = PREPARED_AT


def _replace_if_ended(connection: Any, *_: object) -> None:
    """Let the pool open a new connection in place of one that the server has ended meanwhile.

    A server says nothing to an idle client unless it ends the connection (or tells of new
    settings, which costs a connection and no more). So one look at the socket tells, where
    SQLAlchemy's `pool_pre_ping` asks the server each time.
    """
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    if idle.poll(0):
        raise DisconnectionError


def _leave_rows_out(context: ExceptionContext) -> None:
    """Cut an error's text down to its first sentence: the details print rows, and logs print it.

    The rest stays in `diag`, for whoever asks.
    """
    error = context.original_exception
    if isinstance(error, psycopg.Error) and error.diag.message_primary:
        error.args = (error.diag.message_primary,)
        if context.sqlalchemy_exception is not None:
            kind = type(error)
            text = f"({kind.__module__}.{kind.__name__}) {error.diag.message_primary}"
            context.sqlalchemy_exception.args = (text,)
