"""Alembic's entry: runs the revisions on the connection that the caller hands in.

Each revision is a transaction of its own with a short `lock_timeout`, so that a migration
waits behind a busy table for three seconds at most instead of stopping everyone behind it.
"""

from alembic import context
from sqlalchemy import Connection, event

from models.schema import metadata

PATIENCE = [
    "SET LOCAL lock_timeout = '3s'",
    # a statement over a large table may come to its end
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
]


def run() -> None:
    """Upgrade, downgrade or compare, as the Alembic command in progress asks."""
    connection: Connection = context.config.attributes["connection"]
    event.listen(connection, "begin", set_timeouts)
    context.configure(
        connection=connection, target_metadata=metadata, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()


def set_timeouts(connection: Connection) -> None:
    """Give the transaction that just began the migrations' own timeouts."""
    version = connection.dialect.server_version_info or ()
    newer = ["SET LOCAL transaction_timeout = 0"] if version >= (17,) else []
    for setting in PATIENCE + newer:
        connection.exec_driver_sql(setting)


run()
