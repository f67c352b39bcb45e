"""A transaction that is meant to be long outlives the role's own limits."""

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from app.settings import Settings
from models.connection import make_engine
from models.long_transaction import allow_long_transaction

SECONDS = 0.6


@pytest.fixture
def impatient(engine: Engine, settings: Settings) -> Engine:
    """A database whose role has lost its patience after a fifth of a second."""
    impatient = make_engine(settings.database_url)

    @event.listens_for(impatient, "connect")
    def lose_patience(connection: object, _: object) -> None:
        for name in ("statement_timeout", "transaction_timeout"):
            connection.execute(f"SET {name} = '200ms'")
        connection.commit()

    return impatient


def test_it_may_go_on_for_minutes(impatient: Engine) -> None:
    with impatient.begin() as db:
        allow_long_transaction(db, minutes=1)
        db.execute(text(f"SELECT pg_sleep({SECONDS})"))
        assert db.scalar(text("SELECT 1")) == 1


def test_others_of_the_role_may_not(impatient: Engine) -> None:
    with pytest.raises(DBAPIError), impatient.begin() as db:
        db.execute(text(f"SELECT pg_sleep({SECONDS})"))


def test_an_older_server_has_no_limit_for_the_whole_transaction_to_lift(
    impatient: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with impatient.begin() as db:
        monkeypatch.setattr(db.dialect, "server_version_info", (16, 4))
        allow_long_transaction(db, minutes=1)
        assert db.scalar(text("SHOW statement_timeout")) == "1min"
        assert db.scalar(text("SHOW transaction_timeout")) == "200ms"
