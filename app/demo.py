"""Puts the demo school into an empty database, its bookings made by the real path."""

import json
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, exists, func, select

from app import demo_school as school
from app.catalog_file import read_catalog
from app.demo_catalog import demo_catalog
from app.private_files import write_private
from models.booking import Booking
from models.booking_job import BookingJob, JobKind
from models.catalog_import import import_catalog
from models.deciding import decide_lane
from models.people import UserAccount
from models.policy import Policy
from models.round import Decider
from models.submitting import Request, submit
from models.targets import step_target


def load_demo(engine: Engine, now: datetime, policy: Policy) -> bool:
    """Fill an empty database with the demo school; returns False when it isn't empty.

    A demo that was interrupted before anybody's booking was asked for counts as empty: it is put
    in anew. The bookings are jobs, decided before this returns; should it be interrupted there,
    whoever decides jobs next finishes them.
    """
    with engine.connect() as db:
        if not _is_empty(db):
            return False
    catalog, faults = read_catalog(demo_catalog(now))
    import_catalog(engine, catalog, now=now, known_faults=faults)
    with engine.begin() as db:
        lanes = {lane for wanted in school.REQUESTS for lane in _submit(db, wanted, now)}
    decider = Decider(engine, lambda: now, policy)
    for lane in sorted(lanes):
        decide_lane(decider, lane)
    return True


def _is_empty(db: Connection) -> bool:
    if db.scalar(select(exists().select_from(BookingJob))):
        return False
    if db.scalar(select(exists().select_from(Booking))):
        return False
    people = db.scalar(select(func.count()).select_from(UserAccount))
    return people == 0 or people == len(_those_there(db)) == len(_everybody())


def _those_there(db: Connection) -> set[int]:
    """The ids of those of the demo school who are in the database, and weren't erased."""
    wanted = {person.id: person.email for person in _everybody()}
    found = select(UserAccount.id, UserAccount.email).where(UserAccount.id.in_(wanted))
    return {row.id for row in db.execute(found) if row.email == wanted[row.id]}


def _everybody() -> tuple[school.Someone, ...]:
    return (*school.STAFF, *school.STUDENTS, *school.OTHERS)


def write_logins(engine: Engine, file: Path) -> None:
    """Write who can log in to the demo, for whoever prints it: email, name, role, note.

    Where nobody of the demo is in the database there is no such file.
    """
    with engine.connect() as db:
        there = _those_there(db)
    logins = [
        {"email": one.email, "name": one.name, "role": one.role, "note": one.note}
        for one in (*school.STUDENTS, *school.STAFF)
        if one.id in there
    ]
    if logins:
        write_private(file, json.dumps(logins, ensure_ascii=False, indent=1) + "\n")
    else:
        file.unlink(missing_ok=True)


def _submit(db: Connection, wanted: school.DemoRequest, now: datetime) -> frozenset[int]:
    user_id, package_id, step_id, option_id, session_id = wanted
    target = step_target(db, user_id, package_id, step_id, option_id)
    assert target is not None, f"the demo school has no such package and step: {wanted}"
    request = Request(
        kind=JobKind.BOOK_STEP,
        submitted_by=user_id,
        target=target,
        body={"course_step_option_id": option_id, "session_id": session_id},
    )
    submit(db, request, now)
    return target.lanes
