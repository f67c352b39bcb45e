"""Every deed of staff is kept: who, what, why and from where."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from models.round import Decider
from tests.deciding import booked, decide_all
from tests.school import DAY, HOUR, Course, Pupil, School, Staff

pytestmark = pytest.mark.usefixtures("sound")


@dataclass
class Office:
    school: School
    staff: Staff
    course: Course
    pupil: Pupil

    @property
    def session(self) -> int:
        return self.course.sessions[0]


@pytest.fixture
def office(school: School, decider: Decider) -> Office:
    """A member of staff, and a student with a seat in the first of two sessions."""
    course = school.course(sessions=2)
    return Office(school, school.staff(), course, booked(course, decider, course.sessions[0]))


def entries(school: School) -> list[tuple[Any, ...]]:
    return school.rows(
        "SELECT actor_id, action, subject, subject_id, reason, source, booking_job_id"
        " FROM audit_entry ORDER BY id"
    )


Deed = Callable[[Office], UUID]
DEEDS: dict[str, tuple[Deed, str | None]] = {
    "book_step": (lambda o: o.staff.book(o.course.pupil(), override="Late"), "Late"),
    "book_seat": (lambda o: o.staff.book_seat(o.school.person(), o.session), None),
    "change_step": (
        lambda o: o.staff.change(o.pupil.booking().id, o.course.option, override="Ill"),
        "Ill",
    ),
    "cancel_step": (lambda o: o.staff.cancel(o.pupil.booking().id, "By phone"), "By phone"),
    "add_session": (
        lambda o: o.staff.add_session(o.course.group_class, o.school.now + 9 * DAY),
        None,
    ),
    "cancel_session": (lambda o: o.staff.cancel_session(o.session, "Ill teacher"), "Ill teacher"),
    "move_session": (
        lambda o: o.staff.move_session(o.session, o.school.now + 9 * DAY, "No room"),
        "No room",
    ),
    "set_capacity": (lambda o: o.staff.set_capacity(o.session, 20, "More chairs"), "More chairs"),
    "mark_attendance": (
        lambda o: o.staff.mark(o.session, {o.pupil.booking().id: "ATTENDED"}),
        None,
    ),
    "cancel_package": (lambda o: o.staff.cancel_package(o.pupil.package, "Refund"), "Refund"),
}


@pytest.mark.parametrize("action", DEEDS)
def test_each_deed_is_kept_with_who_what_why_and_from_where(
    office: Office, decider: Decider, action: str
) -> None:
    deed, reason = DEEDS[action]
    job = deed(office)
    decide_all(decider)

    office.school.result(job)
    row = office.school.job(job)
    subject = {
        "add_session": ("group_class", office.course.group_class),
        "book_step": ("student_package", row.student_package_id),
        "change_step": ("student_package", office.pupil.package),
        "cancel_step": ("student_package", office.pupil.package),
        "cancel_package": ("student_package", office.pupil.package),
    }.get(action, ("session", office.session))
    assert entries(office.school) == [(office.staff.id, action, *subject, reason, "10.0.0.7", job)]
    assert office.school.rows("SELECT detail FROM audit_entry") == [(row.request,)]


def test_an_overrides_reason_is_kept_rather_than_the_cancellations(
    office: Office, decider: Decider
) -> None:
    office.staff.cancel(office.pupil.booking().id, "Sent to the student", override="Waived")
    decide_all(decider)
    [entry] = entries(office.school)
    assert entry[4] == "Waived"
    [(detail,)] = office.school.rows("SELECT detail FROM audit_entry")
    assert detail["reason"] == "Sent to the student"


def test_what_was_refused_did_nothing_and_is_not_kept(office: Office, decider: Decider) -> None:
    job = office.staff.move_session(office.session, office.school.now - HOUR)
    decide_all(decider)
    assert office.school.refusal(job) == "session_started"
    assert entries(office.school) == []


def test_a_dry_run_is_no_deed(office: Office, decider: Decider) -> None:
    office.staff.cancel_session(office.session, dry_run=True)
    decide_all(decider)
    assert entries(office.school) == []


def test_what_students_do_themselves_is_not_kept_here(office: Office, decider: Decider) -> None:
    office.pupil.change(office.course.sessions[1])
    office.pupil.cancel()
    decide_all(decider)
    assert entries(office.school) == []


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE audit_entry SET reason = 'Nothing happened'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
    ],
)
def test_the_log_can_only_grow(
    office: Office, decider: Decider, engine: Engine, attempt: str
) -> None:
    office.staff.set_capacity(office.session, 20)
    decide_all(decider)
    before = entries(office.school)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as db:
        db.execute(text(attempt))
    assert entries(office.school) == before
    assert len(before) == 1
