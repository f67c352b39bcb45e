"""Real servers for the whole suite: one PostgreSQL and one Valkey a run, a database a worker."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Connection, Engine

from app.embedded import EmbeddedPostgres, EmbeddedValkey
from app.settings import Settings, load_settings
from app.structured_log import configure_logging
from migrations.commands import upgrade
from models.connection import make_engine
from models.policy import Policy
from models.round import Decider
from tests.emptying import empty_tables
from tests.processes import Processes
from tests.school import School

SERVERS = pytest.StashKey[tuple[EmbeddedPostgres, EmbeddedValkey]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Whether the browser tests keep pictures of the pages that they see."""
    parser.addoption("--screenshots", metavar="DIRECTORY", help="keep pictures of all pages here")
    parser.addoption("--docs-screenshots", metavar="DIRECTORY", help="and those of the docs here")


def pytest_configure(config: pytest.Config) -> None:
    """Log as the product does, and start the servers once, in the process that leads the run."""
    # else structlog paints a fault with the variables of all frames, which takes half a minute
    configure_logging()
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    home = Path(tempfile.mkdtemp(prefix="thrive-tests-"))
    home.chmod(0o711)  # root's PostgreSQL runs as somebody else, who has to pass
    servers = EmbeddedPostgres(home / "postgres", fast=True), EmbeddedValkey(home / "valkey")
    config.stash[SERVERS] = servers
    for server in servers:
        server.start()
    _migrate(servers[0].url)


def pytest_configure_node(node: Any) -> None:
    """Tell a worker process of pytest-xdist where the servers are."""
    postgres, valkey = node.config.stash[SERVERS]
    name = f"test_{node.workerinput['workerid']}"
    node.workerinput["database_url"] = _fresh_database(postgres, name)
    node.workerinput["bare_database_url"] = postgres.create_database(f"{name}_bare")
    node.workerinput["superuser_url"] = postgres.url_of(f"{name}_bare", superuser=True)
    node.workerinput["browser_database_url"] = postgres.create_database(f"{name}_browser")
    number = int(node.workerinput["workerid"].removeprefix("gw")) + 1
    node.workerinput["broker_url"] = f"{valkey.broker_url}?virtual_host={number}"


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the servers and delete what they kept."""
    if SERVERS in config.stash:
        postgres, valkey = config.stash[SERVERS]
        valkey.stop()
        postgres.remove()
        shutil.rmtree(postgres.directory.parent, ignore_errors=True)


def _fresh_database(postgres: EmbeddedPostgres, name: str) -> str:
    url = postgres.create_database(name)
    _migrate(url)
    return url


def _migrate(url: str) -> None:
    """Bring a database up to date, and leave no connection for the garbage collector.

    Its warning in the middle of an import breaks the import (cpython#106176).
    """
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def server_urls(request: pytest.FixtureRequest) -> tuple[str, str]:
    """This worker's own database and its own part of Valkey."""
    given = getattr(request.config, "workerinput", None)
    if given is not None:
        return given["database_url"], given["broker_url"]
    postgres, valkey = request.config.stash[SERVERS]
    return _fresh_database(postgres, "test_main"), f"{valkey.broker_url}?virtual_host=0"


@pytest.fixture(scope="session")
def bare_database_url(request: pytest.FixtureRequest) -> str:
    """A second database of this worker, for tests of the migrations: never migrated by others."""
    given = getattr(request.config, "workerinput", None)
    if given is not None:
        return given["bare_database_url"]
    return request.config.stash[SERVERS][0].create_database("test_bare")


@pytest.fixture(scope="session")
def superuser_url(request: pytest.FixtureRequest, bare_database_url: str) -> str:
    """That second database for the server's superuser, who may make roles."""
    given = getattr(request.config, "workerinput", None)
    if given is not None:
        return given["superuser_url"]
    return request.config.stash[SERVERS][0].url_of("test_bare", superuser=True)


@pytest.fixture(scope="session")
def browser_database_url(request: pytest.FixtureRequest) -> str:
    """A third one, empty, for the browser tests: what they start uses it from test to test."""
    given = getattr(request.config, "workerinput", None)
    if given is not None:
        return given["browser_database_url"]
    return request.config.stash[SERVERS][0].create_database("test_browser")


@pytest.fixture(scope="session")
def session_settings(
    server_urls: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    database_url, broker_url = server_urls
    return load_settings(
        {
            "DATABASE_URL": database_url,
            "REDIS_URL": broker_url,
            "VAR_DIR": str(tmp_path_factory.mktemp("var")),
            "RATE_LIMIT": "100000 per minute",
            # the whole suite passes with both: THRIVE_TEST_WAKEUPS=each
            "WAKEUPS": os.environ.get("THRIVE_TEST_WAKEUPS", ""),
        }
    )


@pytest.fixture(scope="session")
def session_engine(session_settings: Settings) -> Iterator[Engine]:
    engine = make_engine(session_settings.database_url, pool_size=10, application="thrive tests")
    yield engine
    engine.dispose()


@pytest.fixture
def engine(session_engine: Engine) -> Engine:
    """This worker's database, migrated and empty."""
    with session_engine.begin() as db:
        empty_tables(db)
    return session_engine


@pytest.fixture
def db(engine: Engine) -> Iterator[Connection]:
    """A connection whose changes are undone at the end unless the test commits them."""
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def redis(session_settings: Settings) -> Iterator[Redis]:
    """This worker's part of Valkey, empty."""
    assert session_settings.redis_url is not None
    client = Redis.from_url(session_settings.redis_url)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


@pytest.fixture
def settings(session_settings: Settings, redis: Redis) -> Settings:
    """The settings of this worker's servers, the broker empty."""
    return session_settings


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def school(engine: Engine, now: datetime) -> School:
    """An empty school to furnish."""
    return School(engine, now)


@pytest.fixture
def decider(engine: Engine) -> Decider:
    return Decider(
        engine, lambda: datetime.now(UTC), Policy(timedelta(hours=24), timedelta(hours=24))
    )


@pytest.fixture
def processes(settings: Settings, tmp_path: Path) -> Iterator[Processes]:
    """A broker of this test's own, and real processes on it and on this worker's database."""
    started = Processes(settings, tmp_path)
    yield started
    started.stop()
