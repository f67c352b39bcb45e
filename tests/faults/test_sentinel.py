"""A broker that Sentinel names: the URL alone is enough, and another server may take over."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest
from redis import Redis
from redis.exceptions import RedisError

from app.embedded.server_process import start_server
from app.embedded.valkey import valkey_program
from app.settings import Settings
from tests.faults.stack import Stack
from tests.processes import Processes, free_port, until
from tests.school import School

HOST = "127.0.0.1"


@dataclass
class Server:
    """A Valkey on a port of this machine."""

    port: int
    pid: int

    def ask(self, *words: Any) -> Any:
        with Redis(HOST, self.port, socket_timeout=2, decode_responses=True) as server:
            return server.execute_command(*words)

    def kill(self) -> None:
        psutil.Process(self.pid).send_signal(signal.SIGKILL)


def start(directory: Path, *options: object) -> Server:
    directory.mkdir()
    port = free_port()
    command = [valkey_program(), *map(str, options), "--port", str(port), "--bind", HOST]
    process = start_server(command, directory=directory, log=directory / "log")
    server = Server(port, process.pid)
    until(lambda: _answers(server), 10, "a Valkey's start")
    return server


def _answers(server: Server) -> bool:
    try:
        return bool(server.ask("PING"))
    except RedisError:
        return False


@dataclass
class Guarded:
    """A server, another that follows it, and the Sentinel that knows both as `thrive`."""

    first: Server
    second: Server
    sentinel: Server

    @property
    def url(self) -> str:
        return f"sentinel://{HOST}:{self.sentinel.port}/0?master_name=thrive"


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    keeps_nothing = ("--save", "", "--repl-diskless-sync-delay", "0")
    first = start(tmp_path / "first", *keeps_nothing)
    second = start(tmp_path / "second", *keeps_nothing, "--replicaof", HOST, first.port)
    file = tmp_path / "sentinel.conf"
    file.write_text(
        f"sentinel monitor thrive {HOST} {first.port} 1\n"
        "sentinel down-after-milliseconds thrive 500\nsentinel failover-timeout thrive 2000\n"
    )
    sentinel = start(tmp_path / "sentinel", file, "--sentinel")
    until(lambda: len(sentinel.ask("SENTINEL", "REPLICAS", "thrive")) == 1, 15, "a replica's news")
    yield Guarded(first, second, sentinel)
    for server in (first, second, sentinel):
        if psutil.pid_exists(server.pid):
            server.kill()


@pytest.fixture
def processes(settings: Settings, tmp_path: Path, guarded: Guarded) -> Iterator[Processes]:
    started = Processes(settings, tmp_path, environ={"REDIS_URL": guarded.url})
    yield started
    started.stop()


def test_wakeups_reach_workers_also_when_another_server_takes_over(
    school: School, processes: Processes, guarded: Guarded
) -> None:
    """Without a sweep: what the first wake-up after the change loses, a later one brings along."""
    web = processes.start_web()
    processes.start_worker("bookings")
    course, stack = school.course(capacity=60), Stack(processes, school)
    jobs: list[UUID] = []

    def book_another() -> bool:
        """Whether all before this one are decided."""
        are_decided = "QUEUED" not in stack.statuses(jobs)
        pupil = course.pupil()
        body = {"courseStepOptionId": course.option}
        answer = web.book(pupil.id, pupil.package, course.step, body)
        assert answer.status == 202
        jobs.append(UUID(answer.body["id"]))
        return are_decided

    book_another()
    stack.await_status(jobs)
    guarded.first.kill()
    until(lambda: guarded.second.ask("ROLE")[0] == "master", 20, "another's taking over")
    book_another()
    until(book_another, 30, "a wake-up that arrives", every=1)
    stack.await_status(jobs)
