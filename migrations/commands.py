"""Upgrade, downgrade and ask where a database stands, on an engine of the caller's."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from migrations.role_timeouts import set_role_timeouts

EXPANDED = "0003"
"""The first revision that the application can run on."""
CONTRACTED = "0004"
"""The revision that old code can't run beside any more."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to `revision`; raises what Alembic or the database raises."""
    with engine.connect() as connection:
        command.upgrade(_config(connection), revision)
    set_role_timeouts(engine)


def upgrade_for_release(engine: Engine) -> None:
    """Upgrade as far as a release may without asking.

    A new database, or one that is past the contract, goes to the newest revision. One that comes
    from the legacy shape is only expanded: the old code may still run, and when it doesn't any
    more somebody says so with an upgrade of their own.
    """
    with engine.connect() as connection:
        stands_at = current(connection)
    in_transition = stands_at is not None and stands_at < CONTRACTED
    upgrade(engine, max(EXPANDED, stands_at or "") if in_transition else "head")


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database down to `revision`."""
    with engine.connect() as connection:
        command.downgrade(_config(connection), revision)


def check(engine: Engine) -> None:
    """Compare the tables with the models; raises when a migration is missing."""
    with engine.connect() as connection:
        command.check(_config(connection))


def current(connection: Connection) -> str | None:
    """The revision that the database stands at; None for one that was never migrated."""
    return MigrationContext.configure(connection).get_current_revision()


def is_migrated(connection: Connection) -> bool:
    """Whether the application can run on this database as it stands."""
    return (current(connection) or "") >= EXPANDED


def head() -> str:
    """The newest revision there is."""
    newest = ScriptDirectory.from_config(_config(None)).get_current_head()
    if newest is None:
        raise RuntimeError("there are no revisions")
    return newest


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
