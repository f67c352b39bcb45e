"""What a purge deleted first leaves nothing of a person that their erasure then can't find."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from models.personal.erasing import erase_person
from models.personal.export import export_person
from models.purging.purge import purge
from models.round import Decider
from tests.deciding import booked, decide_all
from tests.models.test_purging import send_all
from tests.school import DAY, School
from tests.webhook_rows import endpoint

pytestmark = pytest.mark.usefixtures("sound")


@pytest.fixture
def of_no_package(school: School, decider: Decider, engine: Engine) -> int:
    """Somebody whom staff seated and unseated without a package; everything has left."""
    staff = school.staff()
    person, session = school.person(), school.session(school.group_class(3), 9 * DAY)
    staff.book_seat(person, session, "WORKSHOP")
    decide_all(decider)
    [(booking,)] = school.rows("SELECT id FROM booking")
    staff.cancel(booking, "Zaphod is ill", override="Zaphod begged")
    decide_all(decider)
    send_all(engine)
    return person


def audited(school: School) -> list[tuple[Any, ...]]:
    return school.rows(
        "SELECT action, reason, detail->>'reason', detail->'override'->>'reason'"
        " FROM audit_entry WHERE action <> 'erase_user' ORDER BY id"
    )


def about(engine: Engine, person: int) -> list[str]:
    """The deeds in the audit log that an export says are about them."""
    sections = {name: [dict(row) for row in rows] for name, rows in export_person(engine, person)}
    return [entry["action"] for entry in sections["auditEntriesAbout"]]


def test_what_staff_wrote_about_a_seat_without_a_package_is_emptied(
    school: School, decider: Decider, engine: Engine, now: datetime, of_no_package: int
) -> None:
    assert purge(engine, now + DAY)["jobs"] == 2
    assert audited(school)[1] == ("cancel_step", "Zaphod begged", "Zaphod is ill", "Zaphod begged")
    erase_person(decider, of_no_package)
    assert audited(school) == [
        ("book_seat", None, None, None),
        ("cancel_step", None, "erased", "erased"),
    ]


def test_staffs_deeds_about_such_a_seat_are_in_the_export_as_before(
    engine: Engine, now: datetime, of_no_package: int, school: School
) -> None:
    deeds = about(engine, of_no_package)
    assert sorted(deeds) == ["book_seat", "cancel_step"]
    purge(engine, now + DAY)
    assert about(engine, of_no_package) == deeds
    assert about(engine, school.person()) == []


def test_an_event_that_stayed_keeps_no_reason_of_the_staff_who_gave_it(
    school: School, decider: Decider, engine: Engine, now: datetime
) -> None:
    endpoint(engine, "https://receiver.example/")
    first, second = (booked(school.course(), decider).sits_in() for _ in range(2))
    leaving, staying = school.staff(), school.staff()
    staying.cancel_session(second, "Marvin is ill")
    leaving.cancel_session(first, "Trillian is ill")
    decide_all(decider)
    send_all(engine)
    assert purge(engine, now + DAY)["events"] == 0, "the webhook waits for them"
    assert school.rows("SELECT count(*) FROM outbox_message") == [(0,)]
    kept = "SELECT data->>'reason' FROM event_log WHERE data ? 'reason' ORDER BY 1"
    assert school.rows(kept) == [("Marvin is ill",), ("Trillian is ill",)]
    erase_person(decider, leaving.id)
    assert school.rows(kept) == [("Marvin is ill",), ("erased",)]
