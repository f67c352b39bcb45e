"""The role that the application is, and its database."""

from typing import Any, LiteralString

import psycopg
from psycopg import sql

SUPERUSER = "postgres"
OWNER = "thrive"


def prepare_roles(connection: "psycopg.Connection[Any]", password: str) -> None:
    """Bring the owner and its database to what they should be; doing it again changes nothing.

    `connection` is the superuser's, in autocommit mode.
    """
    owner = sql.Identifier(OWNER)
    if not _exists(connection, "SELECT FROM pg_roles WHERE rolname = %s"):
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(owner))
    secret = sql.Literal(password)
    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(owner, secret))
    if not _exists(connection, "SELECT FROM pg_database WHERE datname = %s"):
        create_database(connection, OWNER)


def create_database(connection: "psycopg.Connection[Any]", name: str) -> None:
    """Make an empty database that belongs to the owner."""
    statement = sql.SQL("CREATE DATABASE {} OWNER {}")
    connection.execute(statement.format(sql.Identifier(name), sql.Identifier(OWNER)))


def _exists(connection: "psycopg.Connection[Any]", query: LiteralString) -> bool:
    return connection.execute(query, [OWNER]).fetchone() is not None
