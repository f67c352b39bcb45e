"""Where a database stands, asked without Alembic: 8 MB of memory that a web process can save.

Alembic keeps the revisions in a table of its own, one row a branch.
"""

from sqlalchemy import Connection, inspect, text

NEEDED = "0006"
"""The first revision that this release can run on."""


def current(connection: Connection) -> list[str]:
    """The revisions that the database stands at, one a branch; none if it was never migrated."""
    if not inspect(connection).has_table("alembic_version"):
        return []
    return sorted(connection.scalars(text("SELECT version_num FROM alembic_version")))


def is_migrated(connection: Connection) -> bool:
    """Whether the application can run on this database as it stands."""
    return stands_above(connection, NEEDED)


def stands_above(connection: Connection, revision: str) -> bool:
    """Whether the database has this revision."""
    # by number, so that a later release's revisions count, which nothing here knows
    return any(it >= revision for it in current(connection))
