"""Of whoever is erased nothing is left that tells who they were, and everything still adds up."""

import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app.settings import CHECKOUT
from models.booking_job import JobKind
from models.event_publishing import publish_events
from models.invariants import check_invariants
from models.people import UnknownPerson, erased_email, find_person
from models.personal import giving_back
from models.personal.emptying import NAMES_OF_A_TEACHER, OF_ONE_PERSON
from models.personal.erasing import erase_person, look_at_erasing
from models.personal.open_matters import CannotBeErased
from models.profile import change_profile
from models.round import Decider
from models.schema import metadata
from models.scope_reading import people
from tests.deciding import booked, decide_all, waiting
from tests.models.a_life import SECRET, Life, a_life, queue_one_more, told_from
from tests.school import DAY, HOUR, School, Staff

pytestmark = pytest.mark.usefixtures("sound")

NOBODYS = {
    "user_account.email": "a pseudonym",
    "user_account.name": "a pseudonym",
    "user_account.role": "that of a student",
    "user_account.time_zone": "UTC",
    "user_account.locale": "English",
    "user_token.token": "deleted",
    "user_token.purpose": "deleted",
}
"""Columns of words that the account itself has."""

OURS = {
    "audit_entry.action",
    "audit_entry.subject",
    "backfill_row.code",
    "backfill_row.detail",  # numbers of classes, sessions and bookings
    "backfill_row.outcome",
    "booking.metadata",  # the step and the package that was booked
    "booking.payment_status",
    "booking.status",
    "booking_job.kind",
    "booking_job.status",
    "booking_job.task_id",
    "course_cohort.name",
    "course_program.title",
    "course_step.label",
    "course_step.title",
    "event_log.type",
    "group_class.name",
    "group_class.time_zone",
    "invariant_result.rule",
    "migration_finding.revision",
    "migration_finding.rule",
    "migration_finding.subject",
    "outbox_message.kind",
    "outbox_message.status",
    "outbox_message.topic",
    "process_heartbeat.process",
    "reminder.kind",
    "seat_ledger.cause",
    "session.status",
    "student_course_step_progress.status",
    "student_package.package_name",
    "student_package.status",
    "waitlist_entry.end_reason",
    "waitlist_entry.status",
    "waitlist_skip.code",
    "waitlist_skip.message",  # a refusal's sentence
    "webhook_delivery.cause",
    "webhook_delivery.event_type",
    "webhook_delivery.last_error",  # what a webhook's receiver answered to an event of numbers
    "webhook_delivery.status",
    "webhook_endpoint.disabled_reason",
    "webhook_endpoint.event_types",
    "webhook_endpoint.previous_secret",
    "webhook_endpoint.secret",
    "webhook_endpoint.url",
}
"""Columns whose words are the product's or the school's, and tell nothing about a person."""


def test_every_column_of_words_is_emptied_or_known_to_tell_of_nobody() -> None:
    emptied = {
        str(column.property.columns[0])
        for emptying in (*OF_ONE_PERSON, *NAMES_OF_A_TEACHER)
        for column in emptying.values
    } - {"booking_job.fingerprint"}
    words = {
        str(column)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Text | JSONB)
        or (isinstance(column.type, ARRAY) and isinstance(column.type.item_type, Text))
    }
    assert words == emptied | OURS | NOBODYS.keys()
    assert not emptied & OURS


def test_every_table_stands_in_the_document() -> None:
    document = (CHECKOUT / "docs" / "personal-data.md").read_text()
    named = {
        name
        for line in document.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert named == set(metadata.tables)


def everything(engine: Engine) -> str:
    """Each row of each table, as PostgreSQL prints it."""
    with engine.connect() as db:
        return "\n".join(
            f"{table.name}: {row}"
            for table in metadata.sorted_tables
            for row in db.scalars(text(f"SELECT {table.name}::text FROM {table.name}"))
        )


def numbers(school: School) -> dict[str, Any]:
    """What may not change by an erasure."""
    return {
        "past seats": school.rows("SELECT id, seats_taken FROM session WHERE start_at < now()"),
        "bookings": school.rows(
            "SELECT id, user_id, session_id, created_at FROM booking ORDER BY 1"
        ),
        "events": school.rows("SELECT position, id, type FROM event_log ORDER BY 1"),
        "ledger": school.rows(
            "SELECT session_id, sum(change) FROM seat_ledger WHERE session_id IN"
            " (SELECT id FROM session WHERE start_at < now()) GROUP BY 1 ORDER BY 1"
        ),
    }


def attends_a_past_session(life: Life) -> None:
    """Give the student a past, behind the product's back."""
    school, pupil = life.school, life.pupil
    (session,) = school.rows(
        "SELECT session_id FROM booking WHERE status = 'CONFIRMED' AND booking_type = 'WORKSHOP'"
    )[0]
    with school.engine.begin() as db:
        start = school.now - 2 * DAY
        moved = {"start": start, "end": start + HOUR, "id": session}
        db.execute(
            text("UPDATE session SET start_at = :start, end_at = :end WHERE id = :id"), moved
        )
        db.execute(
            text(
                "UPDATE booking SET status = 'ATTENDED', during = tstzrange(:start, :end)"
                " WHERE session_id = :id"
            ),
            moved,
        )
    assert school.seats_taken(session) == 1
    assert pupil.id


def test_nothing_that_tells_of_them_is_left_anywhere(
    school: School, decider: Decider, engine: Engine, now: datetime
) -> None:
    life = a_life(school, decider, now)
    attends_a_past_session(life)
    told_from(life, "198.51.100.4")
    queue_one_more(life, f"{SECRET} waits")
    before, there = numbers(school), everything(engine)
    assert {SECRET, "198.51.100.4", "x"} <= set(re.findall(rf"{SECRET}|198\.51\.100\.4|x", there))

    erasure = erase_person(decider, life.pupil.id)
    assert (erasure.packages, erasure.bookings) == (2, 0)
    left = everything(engine)
    assert SECRET not in left
    assert "198.51.100.4" not in left
    assert "Trillian" in left, "the member of staff is there"
    assert "10.0.0.7" in left, "and where they worked from"
    assert numbers(school) == before
    assert check_invariants(engine).violations == []

    nobody = school.rows(
        "SELECT name, email, role, reminders FROM user_account WHERE id = :id", id=life.pupil.id
    )
    assert nobody == [
        (f"Erased person {life.pupil.id}", f"erased-{life.pupil.id}@invalid", "STUDENT", False)
    ]
    again = erase_person(decider, life.pupil.id)
    assert (again.packages, again.bookings, set(again.emptied.values())) == (0, 0, {0})
    assert everything(engine) == left
    deeds = school.rows(
        "SELECT actor_id, source, subject_id FROM audit_entry WHERE action = 'erase_user'"
    )
    assert deeds == [(None, "command line", life.pupil.id)]


def test_a_look_says_what_it_would_come_to_and_does_nothing(
    school: School, decider: Decider, engine: Engine, now: datetime
) -> None:
    life = a_life(school, decider, now)
    there = everything(engine)
    look = look_at_erasing(engine, life.pupil.id, now)
    assert everything(engine) == there
    erasure = erase_person(decider, life.pupil.id)
    assert (look.packages, look.bookings) == (erasure.packages, erasure.bookings)
    assert look.emptied.keys() == erasure.emptied.keys()
    # those that failed and wait are emptied by being superseded
    assert look.emptied.pop("messages") > erasure.emptied["messages"] == 1
    assert all(rows <= erasure.emptied[name] for name, rows in look.emptied.items())
    assert look.emptied["bookings"] == 4, "two changes, two cancellations"


def test_their_coming_seats_go_to_whoever_waits(
    school: School, decider: Decider, engine: Engine
) -> None:
    course = school.course(capacity=1)
    leaving = booked(course, decider)
    next_one = waiting(course, decider)
    erase_person(decider, leaving.id)
    decide_all(decider)
    assert leaving.booking() is None
    assert next_one.sits_in() == course.sessions[0]
    assert school.seats_taken(course.sessions[0]) == 1
    mails = school.rows(
        "SELECT DISTINCT status, last_error FROM outbox_message"
        " WHERE kind = 'MAIL' AND user_id = :id",
        id=leaving.id,
    )
    assert mails == [("SUPERSEDED", "the person was erased")]


def test_a_seat_without_a_package_is_given_back_too(
    school: School, decider: Decider, staff_of: Staff
) -> None:
    session = school.session(school.group_class(1))
    person = school.person()
    staff_of.book_seat(person, session)
    decide_all(decider)
    assert erase_person(decider, person).bookings == 1
    assert school.seats_taken(session) == 0
    job = staff_of.book_seat(person, session)
    decide_all(decider)
    assert school.refusal(job) == "student_invalid"


@pytest.fixture
def staff_of(school: School) -> Staff:
    return school.staff()


def test_what_a_member_of_staff_wrote_is_emptied_wherever_it_went(
    school: School, decider: Decider, engine: Engine, now: datetime
) -> None:
    life = a_life(school, decider, now)
    other = booked(life.course, decider)
    held = other.booking().session_id
    life.staff.cancel_session(held, "Trillian broke her leg")
    decide_all(decider)
    with engine.begin() as db:
        publish_events(db, 500)
    assert "broke her leg" in everything(engine)
    erase_person(decider, life.staff.id)
    left = everything(engine)
    assert "broke her leg" not in left
    assert "Trillian" not in left
    assert "10.0.0.7" not in left.replace("erased", "")
    assert SECRET in left, "the student is there"


def test_a_teacher_goes_once_they_have_no_session_to_come(
    school: School, decider: Decider, engine: Engine
) -> None:
    teacher = school.person("TEACHER", name='Theo "Ü" \\ T.')
    course = school.course(capacity=1, sessions=2)
    school.change("group_class", course.group_class, teacher_id=teacher)
    booked(course, decider, course.sessions[0])
    refused = course.pupil().book(course.sessions[0])
    decide_all(decider)
    (offer,) = school.job(refused).error["alternatives"]
    assert offer["teacher_name"] == 'Theo "Ü" \\ T.'
    with pytest.raises(CannotBeErased, match=f"group class {course.group_class}: give them"):
        erase_person(decider, teacher)
    with pytest.raises(CannotBeErased):
        look_at_erasing(engine, teacher, school.now)
    school.change("group_class", course.group_class, teacher_id=school.person("TEACHER"))

    assert erase_person(decider, teacher).emptied["offersInJobs"] == 1
    (offer,) = school.job(refused).error["alternatives"]
    assert offer["teacher_name"] == f"Erased person {teacher}"
    assert "Theo" not in everything(engine)


def test_what_cant_be_decided_in_time_stops_it(
    school: School, decider: Decider, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = school.course()
    pupil = booked(course, decider)
    monkeypatch.setattr(giving_back, "PATIENCE_SECONDS", 0.3)
    with engine.begin() as db:
        db.execute(text("SELECT FROM group_class FOR UPDATE"))
        with pytest.raises(CannotBeErased, match="try again"):
            erase_person(decider, pupil.id)
    person = find_of(engine, pupil.id)
    assert not person.is_erased
    erase_person(decider, pupil.id)
    assert find_of(engine, pupil.id).is_erased


def test_nobody_cant_be_erased(decider: Decider) -> None:
    with pytest.raises(UnknownPerson):
        erase_person(decider, 77)


def test_what_is_gone_meanwhile_need_not_be_given_back(school: School, decider: Decider) -> None:
    for kind in JobKind.CANCEL_PACKAGE, JobKind.CANCEL_STEP:
        giving_back._ask(decider, kind, 77)  # noqa: SLF001 - one step of it
    assert school.rows("SELECT count(*) FROM booking_job") == [(0,)]


def test_a_profile_that_is_saved_too_late_brings_nobody_back(
    school: School, decider: Decider, engine: Engine
) -> None:
    person = school.person()
    erase_person(decider, person)
    with engine.begin() as db:
        change_profile(db, person, {"name": "Back again"})
    assert find_of(engine, person).name == f"Erased person {person}"


def find_of(engine: Engine, person: int) -> Any:
    with engine.connect() as db:
        return find_person(db, person)


def test_who_is_erased_is_known_by_the_same_sign_in_sql_and_in_python(
    engine: Engine, school: School
) -> None:
    erased, there = school.person(), school.person()
    school.change("user_account", erased, email=erased_email(erased))
    school.change("user_account", there, email=erased_email(there + 1))
    assert (find_of(engine, erased).is_erased, find_of(engine, there).is_erased) == (True, False)
    with engine.connect() as db:
        assert people(db, {erased, there}) == {there}
