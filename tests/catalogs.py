"""A small catalog in the form of the file, for tests to change."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from app.catalog_file import read_catalog
from models.catalog_import import import_catalog
from models.importing.fault import CatalogFaults
from models.importing.writing import Counts


def small_catalog() -> dict[str, Any]:
    """A teacher, a student, two classes with sessions, a program of two steps, one package."""
    return {
        "users": [
            user(1, "TEACHER", "tea@school.example"),
            user(2, "STUDENT", "stu@school.example"),
        ],
        "groupClasses": [
            {
                "id": 1,
                "name": "Yoga",
                "teacherId": 1,
                "capacityMax": 5,
                "timeZone": "Europe/Berlin",
                "sessions": [session(1, "2040-01-02"), session(2, "2040-01-09")],
            },
            {
                "id": 2,
                "name": "Tai chi",
                "teacherId": 1,
                "capacityMax": 4,
                "timeZone": "America/New_York",
                "sessions": [session(3, "2040-01-03", capacityMax=9)],
            },
        ],
        "programs": [
            {
                "id": 1,
                "title": "Calm",
                "steps": [
                    step(1, 1, {"id": 1, "groupClassId": 1}),
                    step(2, 2, {"id": 2, "groupClassId": 2}),
                ],
            }
        ],
        "cohorts": [
            {
                "id": 1,
                "programId": 1,
                "name": "Winter",
                "sessions": [{"courseStepOptionId": 1, "sessionId": 2}],
            }
        ],
        "packages": [{"id": 1, "userId": 2, "cohortId": 1, "packageName": "Calm"}],
    }


def user(user_id: int, role: str, email: str) -> dict[str, Any]:
    return {
        "id": user_id,
        "email": email,
        "name": f"Person {user_id}",
        "role": role,
        "timeZone": "Europe/Berlin",
        "locale": "de",
    }


def session(session_id: int, day: str, **others: Any) -> dict[str, Any]:
    times = {"startAt": f"{day}T10:00:00+01:00", "endAt": f"{day}T11:00:00+01:00"}
    return {"id": session_id, **times, **others}


def step(step_id: int, order: int, *options: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": step_id,
        "label": f"Step {order}",
        "title": f"The step {order}",
        "order": order,
        "options": list(options),
    }


def bring_in(engine: Engine, document: Any) -> dict[str, Counts]:
    """Import a document; raises `CatalogFaults`."""
    catalog, faults = read_catalog(document)
    return import_catalog(engine, catalog, now=datetime.now(UTC), known_faults=faults)


def faults_of(engine: Engine, document: Any) -> list[str]:
    """The faults that keep a document from being imported, as lines."""
    try:
        bring_in(engine, document)
    except CatalogFaults as found:
        return [str(fault) for fault in found.faults]
    return []
