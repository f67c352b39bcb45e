"""Servers that a migration refuses, in a line that says what to do."""

import psycopg
import pytest
from alembic.util import CommandError
from sqlalchemy import Engine, make_url

from app.embedded.postgres import throwaway_postgres
from migrations import commands, server_needs
from models.connection import make_engine
from tests.migrations.databases import stands_at


def test_a_database_of_another_encoding_is_refused_before_anything_is_made() -> None:
    with throwaway_postgres() as server:
        admin = make_url(server.url_of("postgres", superuser=True)).set(drivername="postgresql")
        with psycopg.connect(
            admin.render_as_string(hide_password=False), autocommit=True
        ) as connection:
            connection.execute(
                "CREATE DATABASE plain OWNER thrive TEMPLATE template0"
                " ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'"
            )
        engine = make_engine(server.url_of("plain"))
        with pytest.raises(CommandError, match=r"encoding is SQL_ASCII.*ENCODING 'UTF8'"):
            commands.upgrade_for_release(engine)
        assert stands_at(engine) == []
        engine.dispose()


def test_a_server_that_is_too_old_is_refused(bare: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_needs, "OLDEST", 1000)
    with pytest.raises(CommandError, match=r"the server is PostgreSQL 18[.\d]*; 1000 or newer"):
        commands.upgrade(bare)
    assert stands_at(bare) == []
