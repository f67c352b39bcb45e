"""Alembic's entry: runs the revisions on the connection that the caller hands in.

Each revision is a transaction of its own with a short `lock_timeout`, so that a migration
waits behind a busy table for three seconds at most instead of stopping everyone behind it.
"""

from alembic import context
from sqlalchemy import Connection, event

from migrations.patience import set_patience
from models.schema import metadata


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
    set_patience(connection, lock_timeout="3s")


run()
