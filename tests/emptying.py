"""Empties a database between tests."""

from sqlalchemy import Connection, text

from models.installation import Installation
from models.schema import metadata

KEPT = {Installation.__tablename__}
"""Its row comes with the migration."""


def empty_tables(db: Connection) -> None:
    """Delete all rows, and let ids begin anew."""
    tables = ", ".join(table.name for table in metadata.sorted_tables if table.name not in KEPT)
    db.execute(text("SET LOCAL thrive.maintenance = 'on'"))
    db.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
