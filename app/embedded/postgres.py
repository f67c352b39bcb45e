"""A private PostgreSQL 18: the default database, and the test suite's."""

import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from app.embedded.account import unprivileged_account
from app.embedded.attention import Tick, pay_no_attention
from app.embedded.embedded_server import EmbeddedServer
from app.embedded.ending import Farewell, end_processes
from app.embedded.postgres_data import make_data
from app.embedded.postgres_home import PostgresHome, postgres_home, remove_outside_directory
from app.embedded.postgres_roles import OWNER, SUPERUSER, create_database, prepare_roles
from app.embedded.server_process import (
    EmbeddedServerError,
    last_lines,
    servers_running_in,
    start_server,
)
from app.embedded.socket_directory import remove_socket_directory, socket_directory
from app.private_files import keep_secret

START_SECONDS = 60
"""Enough to replay the log after a crash."""
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "100",
    # after a checkpoint whole pages go into the log, and a commit waits for all of it: a quarter
    # more bookings a second with these two (docs/operations.md)
    "wal_compression": "pglz",
    "wal_buffers": "16MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # the details of an error print rows
    "log_error_verbosity": "terse",
}
FAST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # tests that run at the same time have an installation each on one server, two of them in a rush
    "max_connections": "200",
}


class EmbeddedPostgres(EmbeddedServer):
    """PostgreSQL on a Unix socket that only its user can reach, with a password on top.

    The database `thrive` belongs to the role `thrive`, which is no superuser.
    """

    name = "PostgreSQL"
    farewells = (
        Farewell(signal.SIGINT, 4),  # "fast": transactions are rolled back, then a checkpoint
        Farewell(signal.SIGQUIT, 1),  # "immediate": the next start replays the log
    )

    def __init__(self, directory: Path, *, fast: bool = False, wheel: Path | None = None) -> None:
        """Prepare a server that is kept in `directory`; nothing is started or made yet.

        `fast` gives up durability: for tests that kill no server. `wheel` is the directory with
        the programs, where it isn't the installed one.
        """
        super().__init__()
        self.directory = directory
        self._fast = fast
        self._wheel = wheel
        self._log = directory / "postgres.log"

    @property
    def url(self) -> str:
        """SQLAlchemy's URL of the database, once started."""
        return self.url_of("thrive")

    def url_of(self, database: str, *, superuser: bool = False) -> str:
        """SQLAlchemy's URL of `database`, once started, as its owner or as the superuser."""
        role = SUPERUSER if superuser else OWNER
        return f"postgresql+psycopg{self._address(role, database)}"

    def start(self, *, tick: Tick = pay_no_attention) -> None:
        """Start the server and wait until it answers; one that runs is left alone.

        The first start makes the data.
        """
        if self.pid is not None:
            return
        home = postgres_home(self.directory, self._wheel)
        tick()
        self._end_leftovers(home.data)
        if not (home.data / "PG_VERSION").exists():
            make_data(home, self._password(SUPERUSER), durable=not self._fast, tick=tick)
        self._sockets = socket_directory(self.directory, home.account)
        tick()
        command = self._command(home, self._sockets)
        self._process = start_server(
            command, directory=home.data, log=self._log, account=home.account
        )
        with self._connect_when_ready(time.monotonic() + START_SECONDS, tick) as connection:
            prepare_roles(connection, self._password(OWNER))

    def _end_leftovers(self, data: Path) -> None:
        """End a server that survived its launcher, and children that survived their server.

        Then nobody uses the pid file any more, and PostgreSQL need not guess from a number that
        another process may have got since.
        """
        end_processes(servers_running_in(data, "postgres"), self.farewells)
        (data / "postmaster.pid").unlink(missing_ok=True)

    def _command(self, home: PostgresHome, sockets: Path) -> list[str | Path]:
        settings = SETTINGS | (FAST_SETTINGS if self._fast else {})
        settings["unix_socket_directories"] = f'"{sockets}"'
        options = [option for item in settings.items() for option in ("-c", "=".join(item))]
        return [home.programs / "postgres", "-D", ".", *options]

    def _connect_when_ready(self, deadline: float, tick: Tick) -> "psycopg.Connection[Any]":
        refusal = "it ended at once"
        while self.pid is not None and time.monotonic() < deadline:
            try:
                return self._connect_superuser()
            except psycopg.OperationalError as error:
                refusal = str(error).strip()
            tick()
            time.sleep(0.02)
        tail = last_lines(self._log)
        self.stop()
        message = f"PostgreSQL doesn't start: {refusal}; {self._log} says:\n{tail}"
        raise EmbeddedServerError(message)

    def _connect_superuser(self) -> "psycopg.Connection[Any]":
        address = f"postgresql{self._address(SUPERUSER, 'postgres')}"
        return psycopg.connect(address, autocommit=True, connect_timeout=5)

    def create_database(self, name: str) -> str:
        """Make an empty database beside `thrive`, of the same owner, and return its URL."""
        with self._connect_superuser() as connection:
            create_database(connection, name)
        return self.url_of(name)

    def remove(self) -> None:
        """Stop the server and delete its data for good, wherever they are."""
        self.stop()
        remove_socket_directory(socket_directory(self.directory, unprivileged_account()))
        shutil.rmtree(self.directory, ignore_errors=True)
        remove_outside_directory(self.directory)

    def _address(self, role: str, database: str) -> str:
        password, host = self._password(role), quote(str(self._sockets), safe="")
        return f"://{role}:{password}@/{quote(database)}?host={host}"

    def _password(self, role: str) -> str:
        return keep_secret(self.directory / f"{role}-password")


@contextmanager
def throwaway_postgres() -> Iterator[EmbeddedPostgres]:
    """Run a fast server on data that are deleted at the end: one for a whole run of tests."""
    directory = Path(tempfile.mkdtemp(prefix="thrive-postgres-"))
    directory.chmod(0o711)  # root's server runs as somebody else, who has to pass
    server = EmbeddedPostgres(directory, fast=True)
    try:
        with server:
            yield server
    finally:
        server.remove()
