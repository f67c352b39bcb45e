"""The page with a student's enrolment: twenty steps, each with its booking."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import islice
from statistics import quantiles
from typing import Any

from app.api.sign_in_cookie import NAME
from app.catalog_file import read_catalog
from app.settings import Settings
from app.tokens import issue_token
from benchmarks.failure import require
from benchmarks.installation import Installation
from benchmarks.outcome import check_decided
from benchmarks.school import analyze
from benchmarks.sizes import Sizes
from models.booking_job import JobKind
from models.bulk_booking import BulkMode
from models.catalog_import import import_catalog
from models.deciding import decide_lane
from models.round import Decider
from models.submitting import Request, Target, submit
from models.targets import package_target

STEPS = 20
BESIDE = 8
"""How many students look at the same time in the second run."""
FIRST_ID = 900_000_000
HOUR = timedelta(hours=1)


def run_pages(sizes: Sizes, installation: Installation) -> dict[str, dict[str, float]]:
    """Book every step of every student, and return how long their page takes, in milliseconds."""
    now = datetime.now(UTC)
    students = [FIRST_ID + number for number in range(sizes.readers)]
    _enrol(installation, students, now)
    _book(installation, students, now)
    check_decided(installation.engine)
    analyze(installation.engine)
    cookies = [_cookie(installation.settings, student, now) for student in students]
    list(_look(installation.settings, cookies))  # templates and Babel are loaded at the first look
    alone = list(_look(installation.settings, cookies * 4))
    with ThreadPoolExecutor(BESIDE) as pool:
        shares = [islice(cookies, number, None, BESIDE) for number in range(BESIDE)]
        looks = [pool.submit(list, _look(installation.settings, [*s] * 4)) for s in shares]
        beside = [taken for look in looks for taken in look.result()]
    return {"one by one": _told(alone), f"{BESIDE} at a time": _told(beside)}


def _enrol(installation: Installation, students: list[int], now: datetime) -> None:
    document = {
        "users": [
            _person(FIRST_ID - 1, "TEACHER"),
            *(_person(student, "STUDENT") for student in students),
        ],
        "groupClasses": [_group_class(number, len(students), now) for number in range(STEPS)],
        "programs": [{"id": FIRST_ID, "title": "Twenty steps", "steps": _steps()}],
        "cohorts": [{"id": FIRST_ID, "programId": FIRST_ID, "name": "Run", "sessions": []}],
        "packages": [
            {"id": student, "userId": student, "cohortId": FIRST_ID, "packageName": "All"}
            for student in students
        ],
    }
    catalog, faults = read_catalog(document)
    require(not faults, str(faults[:3]))
    import_catalog(installation.engine, catalog, now=now, known_faults=faults)


def _person(person: int, role: str) -> dict[str, Any]:
    return {
        "id": person,
        "email": f"{person}@bench.example",
        "name": "Somebody",
        "role": role,
        "timeZone": "Asia/Tokyo",  # so that both clocks are told
        "locale": "de",
    }


def _group_class(number: int, capacity: int, now: datetime) -> dict[str, Any]:
    start = now + timedelta(days=3 + number)
    return {
        "id": FIRST_ID + number,
        "name": f"Class {number}",
        "teacherId": FIRST_ID - 1,
        "capacityMax": capacity,
        "timeZone": "Europe/Berlin",
        "sessions": [
            {
                "id": FIRST_ID + number,
                "startAt": start.isoformat(),
                "endAt": (start + HOUR).isoformat(),
            }
        ],
    }


def _steps() -> list[dict[str, Any]]:
    return [
        {
            "id": FIRST_ID + number,
            "label": f"Step {number + 1}",
            "title": "A step",
            "order": number + 1,
            "options": [{"id": FIRST_ID + number, "groupClassId": FIRST_ID + number}],
        }
        for number in range(STEPS)
    ]


def _book(installation: Installation, students: list[int], now: datetime) -> None:
    """Book all steps by one bulk booking each, decided here: no worker runs."""
    lanes: set[int] = set()
    with installation.engine.begin() as db:
        for student in students:
            target = package_target(db, student, student, [])
            assert target is not None
            submit(db, _bulk(student, target), now)
            lanes |= target.lanes
    decider = Decider(installation.engine, lambda: now, installation.settings.policy)
    for lane in sorted(lanes):
        decide_lane(decider, lane)


def _bulk(student: int, target: Target) -> Request:
    body = {"selections": [], "mode": BulkMode.ALL_OR_NOTHING.value}
    return Request(kind=JobKind.BULK_BOOK, submitted_by=student, target=target, body=body)


def _cookie(settings: Settings, student: int, now: datetime) -> str:
    return f"{NAME}={issue_token(settings, student, HOUR, now)}"


def _look(settings: Settings, cookies: list[str]) -> Iterator[float]:
    """Ask for each student's page over one connection, and yield how many seconds each took."""
    connection = HTTPConnection(settings.host, settings.port, timeout=30)
    for cookie in cookies:
        began = time.perf_counter()
        connection.request("GET", "/", headers={"Cookie": cookie})
        answer = connection.getresponse()
        page = answer.read()
        yield time.perf_counter() - began
        require(answer.status == 200, f"the page answered {answer.status}")
        require(page.count(b"step booked") == STEPS, "the page doesn't show each booking")
    connection.close()


def _told(seconds: list[float]) -> dict[str, float]:
    hundredths = quantiles(seconds, n=100)
    return {"p50": round(hundredths[49] * 1000, 1), "p95": round(hundredths[94] * 1000, 1)}
