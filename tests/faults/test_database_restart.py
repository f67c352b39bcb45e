"""PostgreSQL is stopped without mercy under load and started again."""

import os
import signal
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import pytest
from sqlalchemy import text

from app.embedded import EmbeddedPostgres
from app.settings import Settings
from migrations.commands import upgrade
from models.connection import make_engine
from models.invariants import check_invariants
from tests.processes import Processes, Web, until
from tests.school import Course, School

CLIENTS = 4
FINAL_WITHIN = 30


@pytest.fixture
def postgres() -> Iterator[EmbeddedPostgres]:
    """A server of this test's own, as durable as the product's."""
    directory = Path(tempfile.mkdtemp(prefix="thrive-postgres-"))
    directory.chmod(0o711)  # root's server runs as somebody else, who has to pass
    server = EmbeddedPostgres(directory)
    server.start()
    yield server
    server.remove()


class Clients:
    """Students who submit one after the other until they are told to end."""

    def __init__(self, web: Web, course: Course) -> None:
        self._web, self._body = web, {"courseStepOptionId": course.option}
        self._step = course.step
        self._waiting = course.enrol(400)
        self._ended = threading.Event()
        self.answers: Counter[int] = Counter()
        self.without_advice = 0
        self.accepted: list[str] = []
        self._threads = [threading.Thread(target=self._submit) for _ in range(CLIENTS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _submit(self) -> None:
        while not self._ended.is_set() and self._waiting:
            student, package = self._waiting.pop()
            answer = self._web.book(student, package, self._step, self._body)
            self.answers[answer.status] += 1
            if answer.status == 202:
                self.accepted.append(answer.body["id"])
            else:
                self.without_advice += "retry-after" not in answer.headers
                self._ended.wait(0.2)


@pytest.mark.timeout(180)
def test_a_restart_of_the_database_costs_no_accepted_request(
    postgres: EmbeddedPostgres, settings: Settings, tmp_path: Path
) -> None:
    engine = make_engine(postgres.url)
    upgrade(engine)
    processes = Processes(replace(settings, database_url=postgres.url), tmp_path)
    try:
        course = School(engine, datetime.now(UTC)).course(capacity=400)
        web = processes.start_web()
        processes.start_worker()
        processes.start_sweep()
        with Clients(web, course) as clients:
            until(lambda: clients.answers[202] > 20, what="the first submits")
            assert postgres.pid is not None
            os.kill(postgres.pid, signal.SIGQUIT)  # "immediate"
            until(lambda: postgres.pid is None, what="the server's end")
            until(lambda: clients.answers[503] > CLIENTS, what="the refusals")
            postgres.start()
            before = clients.answers[202]
            until(lambda: clients.answers[202] > before + 20, what="submits again")

        assert set(clients.answers) == {202, 503}
        assert clients.without_advice == 0

        def queued() -> int:
            with engine.connect() as db:
                return db.scalar(text("SELECT count(*) FROM booking_job WHERE status = 'QUEUED'"))

        engine.dispose()
        until(lambda: queued() == 0, FINAL_WITHIN, "the decisions")
        with engine.connect() as db:
            kept = set(db.scalars(text("SELECT id::text FROM booking_job")))
            failed = db.scalar(text("SELECT count(*) FROM booking_job WHERE status = 'FAILED'"))
        assert set(clients.accepted) <= kept
        assert failed == 0
        assert check_invariants(engine).violations == []
    finally:
        processes.stop()
        engine.dispose()
