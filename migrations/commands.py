"""Upgrade, downgrade and ask where a database stands, on an engine of the caller's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, inspect, text

from migrations.patience import set_patience
from migrations.role_timeouts import reset_role_timeouts, set_role_timeouts
from models.schema import metadata

EXPANDED = "0003"
"""The first revision that the application can run on."""
CONTRACTED = "0004"
"""The revision that old code can't run beside any more."""


UNSTAMPED = (
    "the tables are there, but no revision says in which shape; for the legacy shape run"
    " CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) PRIMARY KEY);"
    " INSERT INTO alembic_version VALUES ('0001'), and then this command again"
    " (docs/migrations.md)"
)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to `revision`; raises what Alembic or the database raises.

    Waits for another migration of this database to end, as `upgrade_for_release` and
    `downgrade` do. Raises `CommandError` when there are tables that no revision made.
    """
    with _one_at_a_time(engine):
        _upgrade(engine, revision)


def upgrade_for_release(engine: Engine) -> None:
    """Upgrade as far as a release may without asking.

    A new database, or one that is past the contract, goes to the newest revision. One that comes
    from the legacy shape is only expanded: the old code may still run, and when it doesn't any
    more somebody says so with an upgrade of their own.
    """
    with _one_at_a_time(engine):
        with engine.connect() as connection:
            stands_at = current(connection)
        in_transition = stands_at is not None and stands_at < CONTRACTED
        _upgrade(engine, max(EXPANDED, stands_at or "") if in_transition else "head")


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database down to `revision`.

    Raises `CommandError` when that is below 0003 and a job or a message waits.
    """
    with _one_at_a_time(engine):
        with engine.connect() as connection:
            command.downgrade(_config(connection), revision)
        with engine.connect() as connection:
            expanded = is_migrated(connection)
        if not expanded:
            reset_role_timeouts(engine)


def _upgrade(engine: Engine, revision: str) -> None:
    with engine.connect() as connection:
        if current(connection) is None and _has_tables(connection):
            raise CommandError(UNSTAMPED)
    with engine.connect() as connection:
        command.upgrade(_config(connection), revision)
    with engine.connect() as connection:
        expanded = is_migrated(connection)
    if expanded:
        # below, the role is the old code's alone, which knows no such limits
        set_role_timeouts(engine)


def _has_tables(connection: Connection) -> bool:
    return not metadata.tables.keys().isdisjoint(inspect(connection).get_table_names())


@contextmanager
def _one_at_a_time(engine: Engine) -> Iterator[None]:
    """Let one migration of this database run at a time; the next one waits here for its turn.

    The lock is held by a transaction on a connection of its own: one that belongs to a session
    would be lost, or never given back, behind PgBouncer.
    """
    with engine.begin() as db:
        set_patience(db, lock_timeout="0")
        db.execute(text("SELECT pg_advisory_xact_lock(hashtext('thrive migration'))"))
        yield


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
