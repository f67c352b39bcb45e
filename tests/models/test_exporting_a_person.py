"""Everything that is kept about somebody is handed out, and nothing about anybody else."""

import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Column, Table

from models.booking import Booking
from models.personal.export import export_person
from models.personal.holdings import HOLDINGS, NAMING
from models.round import Decider
from models.schema import metadata
from tests.deciding import booked, decide_all
from tests.models.a_life import SECRET, a_life
from tests.school import School

pytestmark = pytest.mark.usefixtures("sound")

OF_STAFF = {
    "classes",
    "bookingsMadeForOthers",
    "bookingsCancelledForOthers",
    "jobsForOthers",
    "auditEntriesBy",
    "webhooksMade",
    "backfillRows",
}
"""What only those have who work for the school."""


def exported(school: School, person: int) -> dict[str, list[dict[str, Any]]]:
    sections = export_person(school.engine, person)
    return {name: [dict(row) for row in rows] for name, rows in sections}


def test_every_column_that_names_a_person_is_asked_for() -> None:
    named = {str(column.property.columns[0]) for column in NAMING}
    assert {str(column) for column in names_a_person()} == named
    asked = " ".join(str(holding.rows) for holding in HOLDINGS)
    assert [name for name in named if not re.search(rf"{name} = :person", asked)] == []


def names_a_person() -> list[Column[Any]]:
    """By a foreign key, or by its name."""
    word = re.compile(r"(^|_)(user|actor|teacher|student|person|staff)(_id)?$|_by$")
    no_person = {"deciding_marker.written_by"}
    return [
        column
        for table in metadata.sorted_tables
        for column in table.columns
        if (word.search(column.name) or leads_to_a_person(table, column))
        and str(column) not in no_person
    ] + [metadata.tables["user_account"].c.id]


def leads_to_a_person(table: Table, column: Column[Any]) -> bool:
    return any(
        element.parent is column
        and element.column.name in {"id", "user_id"}
        and element.column.table.name == "user_account"
        for key in table.foreign_key_constraints
        for element in key.elements
    )


def test_all_that_a_student_did_is_there(school: School, decider: Decider, now: datetime) -> None:
    life = a_life(school, decider, now)
    sections = exported(school, life.pupil.id)
    assert {name for name, rows in sections.items() if not rows} == OF_STAFF
    assert sections["profile"][0]["email"] == f"{SECRET}@school.example"
    assert len(sections["packages"]) == 2
    kinds = {job["kind"] for job in sections["jobs"]}
    assert {"BOOK_STEP", "CHANGE_STEP", "CANCEL_STEP", "JOIN_WAITLIST", "BOOK_SEAT"} <= kinds
    assert {entry["action"] for entry in sections["auditEntriesAbout"]} >= {
        "cancel_step",
        "book_seat",
    }
    assert "course.session.moved" in {event["type"] for event in sections["events"]}
    assert {row["cause"] for row in sections["webhookDeliveries"]} == {"EVENT"}
    assert "token" not in sections["addresses"][0]


def test_of_others_only_numbers_are_there(school: School, decider: Decider, now: datetime) -> None:
    life = a_life(school, decider, now)
    sections = exported(school, life.pupil.id)
    assert "Trillian" not in str(sections)
    assert "10.0.0.7" not in str(sections), "staff's network address is theirs"
    of_staff = exported(school, life.staff.id)
    assert {name for name, rows in of_staff.items() if rows} == {
        "profile",
        "bookingsMadeForOthers",
        "bookingsCancelledForOthers",
        "jobsForOthers",
        "seatLedger",
        "auditEntriesBy",
        "webhooksMade",
    }
    assert SECRET not in str(of_staff["profile"] + of_staff["seatLedger"])
    assert set(of_staff["bookingsMadeForOthers"][0]) == {Booking.id.key, Booking.created_at.key}
    teacher = school.rows("SELECT teacher_id FROM group_class ORDER BY id LIMIT 1")[0][0]
    assert [one["name"] for one in exported(school, teacher)["classes"]] == ["Yoga"]


def test_the_only_names_of_others_are_those_of_teachers_whose_sessions_were_offered(
    school: School, decider: Decider
) -> None:
    course = school.course(capacity=1, sessions=2)
    school.change(
        "group_class", course.group_class, teacher_id=school.person("TEACHER", name="Theo T.")
    )
    booked(course, decider, course.sessions[0])
    refused = course.pupil()
    refused.book(course.sessions[0])
    decide_all(decider)
    sections = exported(school, refused.id)
    (job,) = sections["jobs"]
    (offer,) = job["error"]["alternatives"]
    assert offer.pop("teacher_name") == "Theo T."
    assert "Theo" not in str(sections)


def test_somebody_else_gets_nothing_of_it(school: School, decider: Decider, now: datetime) -> None:
    a_life(school, decider, now)
    stranger = school.person()
    assert {name for name, rows in exported(school, stranger).items() if rows} == {"profile"}
