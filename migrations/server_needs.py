"""What a PostgreSQL server has to be before anything is migrated there."""

from alembic.util import CommandError
from sqlalchemy import Connection, text

OLDEST = 15
"""The oldest major version that the suite has been run on."""
ENCODING = "UTF8"


def refuse_unfit_server(db: Connection) -> None:
    """Raise `CommandError`, with what to do instead, where this release couldn't run for long."""
    version = db.dialect.server_version_info or ()
    if version < (OLDEST,):
        raise CommandError(
            f"the server is PostgreSQL {'.'.join(map(str, version))};"
            f" {OLDEST} or newer is needed (docs/deploying.md)"
        )
    encoding = db.scalar(text("SHOW server_encoding"))
    if encoding != ENCODING:
        raise CommandError(
            f"the database's encoding is {encoding}, and names are in all of the world's letters;"
            " make it anew: CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0"
            " (docs/deploying.md)"
        )
