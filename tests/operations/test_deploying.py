"""The operations guide, block by block as a new operator types it: from nothing to a booking, a
backup that is restored, and an upgrade while bookings go on.
"""

import json
import re
import shutil
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.settings import CHECKOUT
from tests.operations.machine import Machine
from tests.operations.private_servers import (
    Mailboxes,
    running_mail,
    running_postgres,
    running_redis,
)
from tests.processes import until

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(
        not all(map(shutil.which, ("bash", "curl", "openssl", "make"))),
        reason="OPERATIONS GUIDE NOT RUN: it needs bash, curl, openssl and make",
    ),
]

STUDENT = "student@school.example"
SECTIONS = re.compile(r"^## (.*?)$(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
BLOCKS = re.compile(r"^```(sh|sql)\n(.*?)^```", re.DOTALL | re.MULTILINE)

Block = tuple[str, str]


def blocks(document: str) -> dict[str, list[Block]]:
    """The blocks of a document, language and text, by the heading that they are under."""
    text = (CHECKOUT / "docs" / document).read_text(encoding="utf-8")
    found = {heading: BLOCKS.findall(body) for heading, body in SECTIONS.findall(text)}
    return {heading: written for heading, written in found.items() if written}


class Student:
    """Whoever has the guide's package, asking one of the web processes, or the other."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._token = machine.run('echo "$TOKEN"').strip()
        self.bookings = 0
        self.failures: list[Any] = []

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the one process and then the other; an answer that was lost is asked for again."""
        headers = {"Authorization": f"Bearer {self._token}", "Prefer": "wait=20"}
        headers |= {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
        path = f"/api/students/me/course-packages/1/steps/1/{path}"
        data = None if body is None else json.dumps(body).encode()
        for port in 2 * self._machine.web:
            url = f"http://127.0.0.1:{port}{path}"
            asked = urllib.request.Request(url, data, headers, method=method)
            with suppress(ConnectionError, urllib.error.URLError):
                return self._answer(asked)
        raise AssertionError("neither web process answers")

    @staticmethod
    def _answer(asked: urllib.request.Request) -> Any:
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read()) from error

    def book(self) -> Any:
        self._ask("DELETE", "booking")
        job = self._ask("POST", "book-session", {"courseStepOptionId": 1})
        assert job["status"] == "SUCCEEDED", job
        self.bookings += 1
        return job

    @contextmanager
    def booking_and_cancelling(self) -> Iterator[None]:
        """Let it go on meanwhile, in a thread of its own."""
        ended = threading.Event()

        def go_on() -> None:
            while not ended.wait(1.2):
                try:
                    self.book()
                except Exception as error:  # noqa: BLE001 - the test is to tell what it was
                    self.failures.append(error)

        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


@pytest.fixture
def mailboxes() -> Mailboxes:
    return Mailboxes()


@pytest.fixture
def machine(mailboxes: Mailboxes) -> Iterator[Machine]:
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o711)  # root's PostgreSQL runs as somebody else, who has to pass
        home = Path(parent)
        with (
            running_postgres(home / "postgres") as postgres,
            running_redis(home / "redis") as redis,
            running_mail(mailboxes) as mail,
        ):
            machine = Machine(home / "machine", postgres=postgres, redis=redis, mail=mail)
            try:
                yield machine
            finally:
                machine.stop()


def test_the_guide_leads_from_nothing_to_a_booking_a_restore_and_an_upgrade(
    machine: Machine, mailboxes: Mailboxes
) -> None:
    guide, manual = blocks("deploying.md"), blocks("operations.md")
    said = {
        heading: [machine.type(block) for block in written] for heading, written in guide.items()
    }
    assert '"status":"ready"' in said["5. The processes"][0]
    booked, outbox = said["7. A catalog, a token, a booking"][1:]
    assert '"status":"SUCCEEDED"' in booked
    assert "ok: 2 sessions, 1 bookings" in booked
    assert "booking_confirmed" in outbox
    until(lambda: mailboxes.of(STUDENT), 30, "the confirmation")

    student = Student(machine)
    with student.booking_and_cancelling():
        until(lambda: student.bookings > 2, 30, "bookings that go on")
        backup, nightly = manual.pop("Backup")
        machine.type(backup)
        machine.type(nightly)
        kept = student.bookings
        until(lambda: student.bookings > kept + 2, 30, "bookings that the backup lacks")
    restore, look = manual.pop("Restore")
    restored = machine.type(restore)
    assert re.search(r"ok: 2 sessions, (\d+) bookings", restored)
    assert "jobs_to_decide" in machine.type(look)
    until(machine.is_ready, 60, "the start after the restore")
    highest = student.book()["result"]["booking"]["id"]
    assert highest > 100_000
    prepare, exchange = manual.pop("Upgrade")
    with student.booking_and_cancelling():
        machine.type(prepare)
        machine.type(exchange)
        done = student.bookings
        until(lambda: student.bookings > done + 2, 30, "bookings by the new release")
    assert student.failures == []

    for query in manual.pop("Alerts"):
        machine.type(query)
    assert manual == {}, "blocks that nothing runs"
