"""A real university semester: one large department books all its enrolments through HTTP."""

import http.client
import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.catalog_file import read_catalog
from app.settings import CHECKOUT, Settings
from app.timetable import convert, read_lines
from app.timetable.meetings import next_monday
from app.tokens import issue_token
from models.catalog_import import import_catalog
from models.invariants import check_invariants
from tests.processes import Processes, Web

DEPARTMENT = "MANE"
CLIENTS = 12
SEED = 2023
TIMETABLE = Path(
    os.environ.get("TIMETABLE_CSV")
    or CHECKOUT.parent / "shared" / "data" / "timetable-fall-2023.csv"
)

pytestmark = [
    pytest.mark.skipif(
        not TIMETABLE.exists(), reason="the real timetable isn't here; TIMETABLE_CSV names it"
    ),
    pytest.mark.timeout(300),
]


@pytest.fixture
def processes(engine: Engine, settings: Settings, tmp_path: Path) -> Iterator[Processes]:
    running = Processes(settings, tmp_path)
    yield running
    running.stop()


class Client:
    """One client's connection, kept open from request to request."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=30)

    def submit(self, enrolment: dict[str, Any]) -> dict[str, Any]:
        """Submit one enrolment; its job as accepted."""
        package, step = enrolment["packageId"], enrolment["courseStepId"]
        path = f"/api/students/me/course-packages/{package}/steps/{step}/book-session"
        body = json.dumps({"courseStepOptionId": enrolment["courseStepOptionId"]})
        status, job = self._call("POST", path, enrolment["userId"], body)
        assert status == 202, job
        return job

    def follow(self, enrolment: dict[str, Any], job: dict[str, Any]) -> dict[str, Any]:
        """Poll a job until it is final."""
        while job["status"] == "QUEUED":
            status, job = self._call(
                "GET", f"/api/jobs/{job['id']}", enrolment["userId"], Prefer="wait=10"
            )
            assert status == 200, job
        return job

    def _call(
        self, method: str, path: str, user_id: int, body: str | None = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        token = issue_token(self._web.settings, user_id, timedelta(hours=1), datetime.now(UTC))
        kind = {"Content-Type": "application/json"} if body else {}
        sent = {"Authorization": f"Bearer {token}"} | kind | headers
        self._connection.request(method, path, body, sent)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())


def test_a_departments_enrolments_fill_each_section_as_its_capacity_allows(
    engine: Engine, processes: Processes
) -> None:
    began = time.monotonic()
    lines, _ = read_lines(TIMETABLE)
    made = convert(lines, next_monday(datetime.now(UTC)))
    catalog, faults = read_catalog(made.catalog)
    counts = import_catalog(engine, catalog, now=datetime.now(UTC), known_faults=faults)
    imported = time.monotonic() - began
    assert counts["sessions"].new == 45_630
    assert imported < 60

    wanted = [one for one in made.enrolments if one["course"].startswith(DEPARTMENT)]
    random.Random(SEED).shuffle(wanted)
    web = processes.start_web()
    processes.start_worker("bookings", concurrency=2)
    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [Client(web) for _ in range(CLIENTS)]
        shares = [wanted[number::CLIENTS] for number in range(CLIENTS)]
        jobs = [job for share in pool.map(_book_all, clients, shares) for job in share]
    booked = time.monotonic() - began

    outcomes = Counter((job["status"], (job["error"] or {}).get("code")) for job in jobs)
    print(f"imported in {imported:.1f} s; {len(jobs)} decided in {booked:.1f} s", outcomes)  # noqa: T201 - the figures
    assert set(outcomes) <= {("SUCCEEDED", None), ("REFUSED", "session_full")}
    assert _seats_by_option(engine, wanted) == _allowed_by_option(engine, wanted)
    findings = check_invariants(engine)
    assert findings.violations == []
    assert findings.bookings == outcomes["SUCCEEDED", None]


def _book_all(client: Client, enrolments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Submit one client's share as fast as it goes, then follow each job to its end."""
    accepted = [client.submit(enrolment) for enrolment in enrolments]
    return [client.follow(*pair) for pair in zip(enrolments, accepted, strict=True)]


def _seats_by_option(engine: Engine, wanted: list[dict[str, Any]]) -> dict[int, int]:
    with engine.connect() as db:
        rows = db.execute(
            text(
                "SELECT pin.course_step_option_id, session.seats_taken"
                " FROM course_cohort_session AS pin JOIN session ON session.id = pin.session_id"
            )
        )
        seats = {row.course_step_option_id: row.seats_taken for row in rows}
    return {one["courseStepOptionId"]: seats[one["courseStepOptionId"]] for one in wanted}


def _allowed_by_option(engine: Engine, wanted: list[dict[str, Any]]) -> dict[int, int]:
    enrolled = Counter(one["courseStepOptionId"] for one in wanted)
    with engine.connect() as db:
        rows = db.execute(
            text(
                "SELECT pin.course_step_option_id, session.capacity_max"
                " FROM course_cohort_session AS pin JOIN session ON session.id = pin.session_id"
            )
        )
        capacity = {row.course_step_option_id: row.capacity_max for row in rows}
    return {option: min(count, capacity[option]) for option, count in enrolled.items()}
