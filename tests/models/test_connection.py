"""Connections in a pool, and a server that ends them meanwhile."""

import traceback
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.settings import Settings
from models.connection import make_engine
from tests.school import School


@pytest.fixture
def alone(settings: Settings) -> Iterator[Engine]:
    """An engine with one connection, each statement a transaction of its own."""
    engine = make_engine(settings.database_url, pool_size=1, autocommit=True)
    yield engine
    engine.dispose()


def backend(engine: Engine) -> int:
    with engine.connect() as db:
        return int(db.scalar(text("SELECT pg_backend_pid()")) or 0)


def end_backend(engine: Engine, number: int) -> None:
    with engine.connect() as db:
        # waits until it is gone
        assert db.scalar(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})


def test_a_connection_that_the_server_ended_is_replaced_before_it_is_used(
    alone: Engine, engine: Engine
) -> None:
    ended = backend(alone)
    end_backend(engine, ended)

    assert backend(alone) != ended


def test_without_the_look_at_the_socket_it_would_be_used(
    settings: Settings, engine: Engine
) -> None:
    careless = create_engine(settings.database_url, pool_size=1)
    end_backend(engine, backend(careless))

    with pytest.raises(OperationalError):
        backend(careless)
    careless.dispose()


def test_a_connection_that_lives_is_kept(alone: Engine) -> None:
    assert backend(alone) == backend(alone)


def test_statements_outside_a_transaction_are_committed_one_by_one(alone: Engine) -> None:
    query = text("SELECT txid_current()")
    with alone.connect() as db:
        assert db.scalar(query) != db.scalar(query)


def test_connections_of_a_rush_are_kept_for_the_next(settings: Settings) -> None:
    engine = make_engine(settings.database_url, pool_size=2)
    opened: list[object] = []
    event.listen(engine, "connect", lambda *_: opened.append(1))
    for _ in range(3):
        rush = [engine.connect() for _ in range(4)]
        for db in rush:
            db.close()
    engine.dispose()

    assert len(opened) == 4


def test_an_errors_text_has_no_row_in_it(engine: Engine, school: School) -> None:
    school.change("user_account", school.person(), name="Zaphod")
    with engine.connect() as db, pytest.raises(IntegrityError) as broken:
        db.execute(text("UPDATE user_account SET time_zone = NULL"))

    printed = "".join(traceback.format_exception(broken.value))
    assert "violates not-null constraint" in printed
    assert "Zaphod" not in printed
    # the control: the server did tell it
    assert "Zaphod" in str(broken.value.orig.diag.message_detail)
