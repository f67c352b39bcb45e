"""The way to the database: one engine a process, made after fork."""

from sqlalchemy import Engine, create_engine

POOL_WAIT_SECONDS = 5
CONNECT_SECONDS = 5
KEEPALIVE = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""Seconds, but for the last, which is milliseconds; of no meaning on a Unix socket."""


def make_engine(url: str, *, pool_size: int = 5, application: str = "thrive") -> Engine:
    """An engine whose connections are checked before use and waited for at most 5 seconds.

    Isolation stays READ COMMITTED: locking first and reading afterwards sees what the one who
    held the lock before has committed. Timeouts are the role's (`ALTER ROLE`), because a
    connection pooler in between drops connection options.
    """
    return create_engine(
        url,
        # an error's text must not carry anybody's data into the log
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_recycle=1800,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            # a server that vanished from the network would be waited for without end
            **KEEPALIVE,
            "application_name": application,
            # a pooler gives each transaction another connection, which knows no prepared statement
            "prepare_threshold": None,
        },
    )
