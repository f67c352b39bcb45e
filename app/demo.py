"""Puts the demo school into an empty database, its bookings made by the real path."""

import json
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, exists, select

from app import demo_school as school
from app.catalog_file import read_catalog
from app.demo_catalog import demo_catalog
from models.booking_job import JobKind
from models.catalog_import import import_catalog
from models.deciding import decide_lane
from models.people import UserAccount
from models.policy import Policy
from models.round import Decider
from models.submitting import Request, own_step_lane, submit


def load_demo(engine: Engine, now: datetime, policy: Policy) -> bool:
    """Fill an empty database with the demo school; returns False when it has people already.

    The bookings are jobs, decided before this returns; should it be interrupted, whoever
    decides jobs next finishes them.
    """
    with engine.connect() as db:
        if db.scalar(select(exists().select_from(UserAccount))):
            return False
    catalog, faults = read_catalog(demo_catalog(now))
    import_catalog(engine, catalog, known_faults=faults)
    with engine.begin() as db:
        lanes = {_submit(db, request, now) for request in school.REQUESTS}
    decider = Decider(engine, lambda: now, policy)
    for lane in sorted(lanes):
        decide_lane(decider, lane)
    return True


def write_logins(file: Path) -> None:
    """Write who can log in to the demo, for whoever prints it: email, name, role, note."""
    people = (*school.STUDENTS, *school.STAFF)
    logins = [
        {"email": one.email, "name": one.name, "role": one.role, "note": one.note} for one in people
    ]
    file.write_text(json.dumps(logins, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _submit(db: Connection, wanted: school.DemoRequest, now: datetime) -> int:
    user_id, package_id, step_id, option_id, session_id = wanted
    lane = own_step_lane(db, user_id, package_id, step_id, option_id)
    assert lane is not None, f"the demo school has no such package and step: {wanted}"
    request = Request(
        kind=JobKind.BOOK_STEP,
        submitted_by=user_id,
        user_id=user_id,
        student_package_id=package_id,
        course_step_id=step_id,
        lanes=(lane,),
        body={"course_step_option_id": option_id, "session_id": session_id},
    )
    submit(db, request, now)
    return lane
