"""The way to the database: one engine a process, made after fork."""

import select
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

POOL_WAIT_SECONDS = 5
CONNECT_SECONDS = 5
KEEPALIVE = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""Seconds, but for the last, which is milliseconds; of no meaning on a Unix socket."""


def make_engine(
    url: str, *, pool_size: int = 5, application: str = "thrive", autocommit: bool = False
) -> Engine:
    """An engine whose connections are checked before use and waited for at most 5 seconds.

    With `autocommit` each statement is a transaction of its own, which saves the round trips of
    BEGIN and of COMMIT or ROLLBACK.

    Isolation stays READ COMMITTED: locking first and reading afterwards sees what the one who
    held the lock before has committed. Timeouts are the role's (`ALTER ROLE`), because a
    connection pooler in between drops connection options.
    """
    engine = create_engine(
        url,
        # an error's text must not carry anybody's data into the log
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_recycle=1800,
        isolation_level="AUTOCOMMIT" if autocommit else None,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            # a server that vanished from the network would be waited for without end
            **KEEPALIVE,
            "application_name": application,
            # a pooler gives each transaction another connection, which knows no prepared statement
            "prepare_threshold": None,
        },
    )
    event.listen(engine, "checkout", _replace_if_ended)
    return engine


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
