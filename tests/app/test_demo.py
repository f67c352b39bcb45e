import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from app import create_app
from app.catalog_file import read_catalog
from app.demo import load_demo, write_logins
from app.demo_catalog import demo_catalog
from app.demo_school import REQUESTS
from app.settings import CHECKOUT, Settings
from models.deciding import decide_lane
from models.invariants import check_invariants
from models.lanes import lane_of
from models.policy import Policy
from models.round import Decider
from tests.processes import until
from tests.school import School

A_WEEK = [datetime(2030, 3, 4 + day, 22, 30, tzinfo=UTC) for day in range(7)]


@pytest.mark.parametrize("now", A_WEEK, ids=lambda now: f"{now:%A}")
def test_every_booking_of_the_demo_succeeds_on_any_day(engine: Engine, now: datetime) -> None:
    assert load_demo(engine, now, Policy())
    with engine.connect() as db:
        statuses = db.execute(text("SELECT status, count(*) FROM booking_job GROUP BY status"))
        assert statuses.all() == [("SUCCEEDED", len(REQUESTS))]
    findings = check_invariants(engine)
    assert (findings.bookings, findings.violations) == (len(REQUESTS), [])


def test_the_school_is_a_believable_one(now: datetime) -> None:
    catalog, faults = read_catalog(demo_catalog(now))
    assert faults == []
    assert len(catalog.sessions) >= 40
    assert len([user for user in catalog.users if 11 <= (user.id or 0) <= 20]) == 10
    zones = {user.time_zone for user in catalog.users if user.role == "TEACHER"}
    assert len(zones) == 2
    assert {program.ordered for program in catalog.programs} == {True, False}
    assert any(program.booking_opens_at for program in catalog.programs)
    assert catalog.pins


def test_sessions_are_at_humane_hours_of_the_coming_weeks(now: datetime) -> None:
    catalog, _ = read_catalog(demo_catalog(now))
    zones = {group.id: ZoneInfo(group.time_zone or "") for group in catalog.group_classes}
    for session in catalog.sessions:
        assert session.start_at
        assert session.end_at
        start, end = (
            at.astimezone(zones[session.group_class_id])
            for at in (session.start_at, session.end_at)
        )
        assert 8 <= start.hour < end.hour <= 21
        assert now + timedelta(days=1) < start < now + timedelta(weeks=10)


def test_some_sessions_are_full_and_some_nearly(engine: Engine, now: datetime) -> None:
    load_demo(engine, now, Policy())
    with engine.connect() as db:
        free = "SELECT id, capacity_max - seats_taken FROM session WHERE seats_taken > 0"
        seats = dict(db.execute(text(free)).all())
    assert seats[901] == 0
    assert seats[601] == 1


def test_the_readmes_booking_succeeds_and_the_full_session_is_refused(
    engine: Engine, school: School, decider: Decider, now: datetime
) -> None:
    load_demo(engine, now, Policy())
    fresh = school.submit(11, 1, 1, 1)
    full = school.submit(20, 11, 6, 9)
    for group_class in (1, 9):
        decide_lane(decider, lane_of(group_class))
    assert school.job(fresh).status == "SUCCEEDED"
    refused = school.job(full)
    assert refused.status == "REFUSED"
    assert refused.error["code"] == "session_full"
    assert refused.error["alternatives"]


def test_a_database_with_people_in_it_gets_no_demo(
    engine: Engine, school: School, now: datetime, tmp_path: Path
) -> None:
    school.person()
    assert not load_demo(engine, now, Policy())
    write_logins(engine, tmp_path / "demo.json")
    assert not (tmp_path / "demo.json").exists()


def test_a_demo_that_was_interrupted_is_put_in_anew_with_todays_dates(
    engine: Engine, settings: Settings, now: datetime
) -> None:
    last_week = now - timedelta(days=7)
    with engine.connect() as people, engine.begin() as nobody_submits:
        nobody_submits.execute(text("LOCK TABLE booking_job IN SHARE MODE"))
        interrupted = subprocess.Popen(
            [sys.executable, "-c", LOADING, settings.database_url, last_week.isoformat()],
            cwd=CHECKOUT,
        )
        until(lambda: people.scalar(text("SELECT count(*) FROM user_account")), 30, "the people")
        interrupted.terminate()
        interrupted.wait(10)
        assert not people.scalar(text("SELECT count(*) FROM booking_job"))

    assert load_demo(engine, now, Policy())

    with engine.connect() as db:
        first = db.scalar(text("SELECT min(start_at) FROM session"))
        statuses = db.execute(text("SELECT status, count(*) FROM booking_job GROUP BY status"))
        assert statuses.all() == [("SUCCEEDED", len(REQUESTS))]
    assert first > now
    assert check_invariants(engine).violations == []
    assert not load_demo(engine, now, Policy())


LOADING = """
import sys
from datetime import datetime
from app.demo import load_demo
from models.connection import make_engine
from models.policy import Policy
load_demo(make_engine(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), Policy())
"""


def test_a_release_writes_the_logins_as_long_as_the_demo_is_there(
    engine: Engine, settings: Settings, now: datetime, tmp_path: Path
) -> None:
    settings = replace(settings, var=tmp_path)
    servers = {"pid": os.getpid(), "database_url": settings.database_url}
    (tmp_path / "servers.json").write_text(json.dumps(servers))
    load_demo(engine, now, Policy())
    release = create_app(settings).test_cli_runner()

    assert release.invoke(args=["release"]).output == ""
    assert json.loads((tmp_path / "demo.json").read_text())

    (tmp_path / "servers.json").unlink()  # somebody's own database, from now on
    assert release.invoke(args=["release"]).output == ""
    assert not (tmp_path / "demo.json").exists()


def test_the_logins_of_those_who_are_there_are_written_for_whoever_prints_them(
    engine: Engine, now: datetime, tmp_path: Path
) -> None:
    load_demo(engine, now, Policy())
    ada = "UPDATE user_account SET email = 'erased-11@erased.invalid' WHERE id = 11"
    with engine.begin() as db:
        db.execute(text(ada))
    write_logins(engine, tmp_path / "demo.json")

    logins = json.loads((tmp_path / "demo.json").read_text())
    assert {"email", "name", "role", "note"} == logins[0].keys()
    students = [login["email"] for login in logins if login["role"] == "STUDENT"]
    assert len(students) == 9
    assert "ada@students.example" not in students
