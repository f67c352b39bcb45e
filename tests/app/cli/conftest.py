"""The commands on this worker's databases, and files for them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.settings import Settings
from models.connection import make_engine
from tests.app.cli.commands import Flask, commands_of


@pytest.fixture
def flask(engine: Engine, settings: Settings) -> Flask:
    """`flask --app app …` on this worker's empty database."""
    return commands_of(settings)


@pytest.fixture
def catalog(tmp_path: Path) -> Callable[[Any], Path]:
    def write(document: Any) -> Path:
        path = tmp_path / "catalog.json"
        path.write_text(json.dumps(document))
        return path

    return write


@pytest.fixture
def bare(settings: Settings, bare_database_url: str) -> Iterator[Settings]:
    """The settings of this worker's second database, in which nobody has made a table."""
    engine = make_engine(bare_database_url)
    _empty(engine)
    yield replace(settings, database_url=bare_database_url)
    _empty(engine)
    engine.dispose()


def _empty(engine: Engine) -> None:
    with engine.begin() as db:
        db.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
