"""One installation: a database of its own, a broker, and the Procfile's processes.

The commands are those of the Procfile, so that what is measured is what `make run` runs. PostgreSQL
is durable as `make run` starts it: nothing is switched off.
"""

import http.client
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine, text

from app.embedded import EmbeddedPostgres, EmbeddedValkey, stop_servers
from app.launching.environment import process_environment
from app.launching.procfile import RELEASE, read_procfile
from app.launching.supervision import METRICS
from app.settings import CHECKOUT, Settings, load_settings
from benchmarks.failure import BenchmarkError, require
from benchmarks.procfile_process import ProcfileProcess, end_all, start_process
from benchmarks.usage import cpu_of_trees
from benchmarks.waiting import until
from migrations.commands import upgrade_for_release
from models.connection import make_engine

PROCFILE = CHECKOUT / "Procfile"
SECRET = "a secret of the benchmark, 32 bytes or more"
START_SECONDS = 60
QUIET_CPU_SECONDS = 0.03
QUIET_LOOK_SECONDS = 0.4
QUIET_LOOKS = 20


@dataclass(frozen=True)
class Variation:
    """How an installation differs from the Procfile: which lines run, what else they say."""

    name: str = "as it is"
    only: frozenset[str] | None = None
    changes: tuple[tuple[str, str, str], ...] = ()
    environ: tuple[tuple[str, str], ...] = ()

    def commands(self) -> dict[str, str]:
        """Return the commands to run, by the Procfile's names."""
        commands = read_procfile(PROCFILE)
        del commands[RELEASE]
        for name, old, new in self.changes:
            require(old in commands[name], f"the Procfile's {name} doesn't say {old!r} any more")
            commands[name] = commands[name].replace(old, new)
        return {n: c for n, c in commands.items() if self.only is None or n in self.only}


@dataclass
class Installation:
    """A running installation; `processes` are by the Procfile's names."""

    settings: Settings
    engine: Engine
    superuser_url: str
    postgres_pid: int
    valkey_pid: int
    processes: dict[str, ProcfileProcess] = field(default_factory=dict)
    school_numbers: Iterator[int] = field(default_factory=lambda: count(1))
    """Each school that is founded in the database gets the next one."""

    def roots(self) -> dict[str, int]:
        """Return the main process of each role."""
        own = {name: process.pid for name, process in self.processes.items()}
        return own | {"PostgreSQL": self.postgres_pid, "Valkey": self.valkey_pid}

    def require_alive(self) -> None:
        """Fail when a process has ended, and say what it said last."""
        for process in self.processes.values():
            if not process.is_alive:
                raise BenchmarkError(f"{process.name} has ended:\n{process.last_lines()}")

    def wait_until_quiet(self) -> None:
        """Wait until no process has anything to do, so that it isn't counted to what follows.

        On a machine that never gets quiet it is given up after some looks.
        """
        any(self._is_quiet() for _ in range(QUIET_LOOKS))

    def _is_quiet(self) -> bool:
        before = sum(cpu_of_trees(self.roots()).values())
        time.sleep(QUIET_LOOK_SECONDS)
        self.require_alive()
        return sum(cpu_of_trees(self.roots()).values()) - before < QUIET_CPU_SECONDS


class Ground:
    """The servers that a whole run shares, and the directory that all of it is in."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._postgres = EmbeddedPostgres(directory / "postgres")
        self._numbers = count(1)

    @property
    def postgres_directory(self) -> Path:
        """Where PostgreSQL is kept; its programs are found by it."""
        return self._postgres.directory

    @contextmanager
    def installation(self, variation: Variation | None = None) -> Iterator[Installation]:
        """Run an installation on an empty database, and end it."""
        variation = variation or Variation()
        number = next(self._numbers)
        name, var = f"bench{number}", self.directory / f"var{number}"
        (var / METRICS).mkdir(parents=True)
        url = self._postgres.create_database(name)
        valkey = EmbeddedValkey(var / "valkey")
        with valkey:
            settings, environ = _configure(url, valkey.broker_url, var, variation)
            engine = make_engine(url, pool_size=4, application="thrive benchmark")
            upgrade_for_release(engine)
            installation = Installation(
                settings,
                engine,
                self._postgres.url_of(name, superuser=True),
                self._postgres.pid or 0,
                valkey.pid or 0,
            )
            try:
                _start(installation, variation, environ)
                yield installation
            finally:
                end_all(list(installation.processes.values()))
                engine.dispose()
        self._drop(name)
        shutil.rmtree(var, ignore_errors=True)

    def _drop(self, name: str) -> None:
        url = self._postgres.url_of("postgres", superuser=True)
        engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as db:
            db.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

    def start(self) -> None:
        """Start what all installations share."""
        self._postgres.start()

    def remove(self) -> None:
        """End it and delete everything."""
        stop_servers([self._postgres])
        self._postgres.remove()
        shutil.rmtree(self.directory, ignore_errors=True)


@contextmanager
def ground() -> Iterator[Ground]:
    """Start the servers in a temporary directory, which is deleted at the end."""
    directory = Path(tempfile.mkdtemp(prefix="thrive-benchmark-"))
    directory.chmod(0o711)  # root's server runs as somebody else, who has to pass
    it = Ground(directory)
    try:
        it.start()
        yield it
    finally:
        it.remove()


def _configure(
    database_url: str, broker_url: str, var: Path, variation: Variation
) -> tuple[Settings, dict[str, str]]:
    """Return the settings and the environment that the processes get."""
    given = {
        "DATABASE_URL": database_url,
        "REDIS_URL": broker_url,
        "VAR_DIR": str(var),
        "HOST": "127.0.0.1",
        "PORT": str(_free_port()),
        "FLOWER_PORT": str(_free_port()),
        "JWT_SECRET": SECRET,
        "RATE_LIMIT": "100000 per minute",
        "MAX_QUEUED_JOBS": "1000000",
        "SMTP_URL": "",
        **dict(variation.environ),
    }
    settings = load_settings(given)
    ours = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return settings, process_environment(settings, PROCFILE, ours | given)


def _start(installation: Installation, variation: Variation, environ: dict[str, str]) -> None:
    var = installation.settings.var
    for name, command in variation.commands().items():
        installation.processes[name] = start_process(name, command, environ, var)
    until(lambda: _is_ready(installation), START_SECONDS, "the start", every=0.1)
    installation.wait_until_quiet()


def _is_ready(installation: Installation) -> bool:
    installation.require_alive()
    running = installation.processes
    workers = [running[name] for name in ("worker", "courier", "webhooks") if name in running]
    return all(worker.said(" ready.") for worker in workers) and (
        "web" not in running or _answers(installation.settings)
    )


def _answers(settings: Settings) -> bool:
    connection = http.client.HTTPConnection(settings.host, settings.port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
