"""Real processes of the product, started by a test as the Procfile does and ended by their ids."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import psutil
from kombu import Connection as BrokerConnection
from redis import Redis

from app.embedded import EmbeddedValkey
from app.embedded.parent_death import end_with_parent
from app.settings import CHECKOUT, Settings, load_settings
from app.tokens import issue_token
from tasks.bookings import process
from tasks.celery_app import PUBLISHER_TRANSPORT, celery
from tasks.wakeups import Wakeups, broker_breaker

SECRET = "a secret of the tests, 32 bytes or more"
LAST_LINES = 40

T = TypeVar("T")


def until(
    condition: Callable[[], T], seconds: float = 30, what: str = "it", *, every: float = 0.02
) -> T:
    """What `condition` returns once that is true; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} didn't happen within {seconds} s"
        time.sleep(every)
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass(frozen=True)
class Running:
    """A process that was started, and the file that its output goes to."""

    name: str
    popen: "subprocess.Popen[bytes]"
    log: Path

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def is_alive(self) -> bool:
        return self.popen.poll() is None

    def said(self, words: str) -> int:
        """How often these words are in its output."""
        return self.log.read_text(errors="replace").count(words)

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.pid).children(recursive=True) if self.is_alive else []

    def kill_children(self) -> None:
        """What the out-of-memory killer does to a worker's pool."""
        _kill_all(self.children())

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Let it stand still, its children not."""
        self.popen.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.popen.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it and its children at once, without a word."""
        children = self.children()
        self.popen.kill()
        self.popen.wait(10)
        _kill_all(children)

    def terminate(self, seconds: float = 20) -> float:
        """Ask it to end; returns how many seconds it took."""
        began = time.monotonic()
        self.popen.send_signal(signal.SIGTERM)
        self.popen.wait(seconds)
        return time.monotonic() - began

    def last_lines(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        return "\n".join([f"--- the last lines of {self.name} ({self.pid})", *lines])


@dataclass(frozen=True)
class Answer:
    """One HTTP answer and how long it took."""

    status: int
    headers: dict[str, str]
    body: Any
    seconds: float


@dataclass(frozen=True)
class Web:
    """The web server of a test, as one user's client sees it."""

    running: Running
    port: int
    settings: Settings

    def call(
        self,
        method: str,
        path: str,
        user: int | None = None,
        body: Any = None,
        **headers: str,
    ) -> Answer:
        """Send one request; `body` may be bytes, else it is sent as JSON."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if user is not None:
            token = issue_token(self.settings, user, timedelta(hours=1), datetime.now(UTC))
            sent["Authorization"] = f"Bearer {token}"
        if body is not None:
            sent["Content-Type"] = "application/json"
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        got = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(
            answer.status,
            got,
            json.loads(content) if content else None,
            time.monotonic() - began,
        )

    def book(self, user: int, package: int, step: int, body: Any, **headers: str) -> Answer:
        path = f"/api/students/me/course-packages/{package}/steps/{step}/book-session"
        return self.call("POST", path, user, body, **headers)

    def job(self, user: int, job_id: str) -> Answer:
        return self.call("GET", f"/api/jobs/{job_id}", user)


@dataclass
class Processes:
    """A broker of its own and the processes that a test starts beside it."""

    settings: Settings
    directory: Path
    environ: dict[str, str] = field(default_factory=dict)
    started: list[Running] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.valkey = EmbeddedValkey(self.directory / "valkey")
        self.valkey.start()
        given = {
            "DATABASE_URL": self.settings.database_url,
            "REDIS_URL": self.valkey.broker_url,
            "VAR_DIR": str(self.directory),
            "RATE_LIMIT": self.settings.rate_limit,
            "JWT_SECRET": SECRET,
            "WAKEUPS": self.settings.wakeups,
            "SMTP_URL": "",
        }
        self.environ = {**os.environ, **given, **self.environ}
        self.settings = load_settings({**given, **self.environ})

    def start_worker(
        self,
        queues: str = "bookings,mail,events,upkeep",
        *,
        concurrency: int = 1,
        app: str = "app.worker",
        pool: str = "prefork",
        **environ: str,
    ) -> Running:
        """A worker that is ready to take tasks."""
        worker = self.launch_worker(queues, concurrency=concurrency, app=app, pool=pool, **environ)
        until(lambda: self._has_begun(worker, " ready."), 30, "a worker's start")
        return worker

    def launch_worker(
        self,
        queues: str,
        *,
        concurrency: int = 1,
        app: str = "app.worker",
        pool: str = "prefork",
        **environ: str,
    ) -> Running:
        """A worker that may not be ready yet."""
        name = f"worker{next(self._numbers)}"
        return self._start(
            name,
            *("celery", "--app", app, "worker", "--queues", queues),
            *("--pool", pool, "--concurrency", str(concurrency), "--hostname", f"{name}@%h"),
            *("--task-events", "--loglevel", "info"),
            REMAP_SIGTERM="SIGQUIT",
            **environ,
        )

    def start_beat(self, app: str = "app.worker") -> Running:
        schedule = str(self.directory / f"beat-schedule-{next(self._numbers)}")
        return self._start(
            "beat",
            *("celery", "--app", app, "beat", "--schedule", schedule, "--pidfile="),
            *("--loglevel", "info"),
        )

    def start_sweep(self, every: float = 0.5) -> Running:
        return self._start("sweep", "flask", "--app", "app", "sweep", "--every", str(every))

    def start_web(self, **environ: str) -> Web:
        """A web server that answers."""
        port = free_port()
        running = self._start(
            "web",
            *("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
            *("--workers", "2", "--blocking-threads", "16", "--no-access-log"),
            "app.wsgi:application",
            **environ,
        )
        web = Web(running, port, self.settings)
        until(lambda: self._has_begun(running) and _answers(web), 30, "the web server's start")
        return web

    def _start(self, name: str, *command: str, **environ: str) -> Running:
        log = self.directory / f"{name}-{next(self._numbers)}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=CHECKOUT,
                env=self.environ | environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - only calls prctl
            )
        running = Running(name, popen, log)
        self.started.append(running)
        return running

    def _has_begun(self, running: Running, words: str = "") -> bool:
        assert running.is_alive, running.last_lines()
        return running.said(words) > 0

    @property
    def wakeups(self) -> Wakeups:
        """The wake-ups that the web server would send, in this installation's way."""
        flags = self.redis if self.settings.wakeups == "coalesced" else None
        return Wakeups(self.publish, broker_breaker(), flags)

    @property
    def redis(self) -> Redis:
        """The broker, as a Redis."""
        return Redis.from_url(self.valkey.url, socket_timeout=5)

    def publish(self, job_id: UUID | str, task_id: UUID | str | None = None) -> None:
        """Put this job's task into the broker."""
        with self.broker_connection() as connection:
            process.apply_async(
                (str(job_id),), task_id=str(task_id or job_id), retry=False, connection=connection
            )

    def send(self, task: str, *args: Any, queue: str) -> None:
        """Put any task into any queue of the broker."""
        with self.broker_connection() as connection:
            celery.send_task(task, args, queue=queue, retry=False, connection=connection)

    def broker_connection(self) -> BrokerConnection:
        return celery.connection_for_write(
            self.valkey.broker_url, transport_options=PUBLISHER_TRANSPORT
        )

    def freeze_broker(self) -> None:
        """The broker takes connections and never answers."""
        assert self.valkey.pid is not None
        os.kill(self.valkey.pid, signal.SIGSTOP)

    def thaw_broker(self) -> None:
        assert self.valkey.pid is not None
        os.kill(self.valkey.pid, signal.SIGCONT)

    def kill_broker(self) -> None:
        assert self.valkey.pid is not None
        killed = psutil.Process(self.valkey.pid)
        killed.kill()
        until(lambda: self.valkey.pid is None, 5, "the broker's end")

    def mend_broker(self) -> None:
        """Let the broker answer again, whatever was done to it."""
        if self.valkey.pid is not None:
            self.thaw_broker()
        self.valkey.start()

    def end(self, running: Running) -> None:
        """End a process, and show what it said to whoever looks for a fault."""
        print(running.last_lines())  # noqa: T201 - pytest shows it with a failed test
        running.kill()
        self.started.remove(running)

    def stop(self) -> None:
        """End everything that was started."""
        for running in list(self.started):
            self.end(running)
        if self.valkey.pid is not None:
            self.thaw_broker()
        self.valkey.stop()


def _kill_all(processes: list[psutil.Process]) -> None:
    for each in processes:
        with suppress(psutil.NoSuchProcess):  # it ended by itself a moment ago
            each.kill()
    psutil.wait_procs(processes, timeout=10)


def _answers(web: Web) -> bool:
    try:
        return web.call("GET", "/healthz").status == 200
    except OSError:
        return False
