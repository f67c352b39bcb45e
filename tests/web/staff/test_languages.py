"""Pages of staff leave nothing in English but what is a name in the API as well."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import insert

from models.audit import AuditEntry
from models.booking_job import JobKind
from models.event_types import EventType
from models.letter_topics import LetterTopic
from models.outbox import OutboxMessage
from tests.school import Course, School
from tests.web.browsing import Browser
from tests.web.staff.addresses import Ids, looked_at
from tests.web.staff.deeds import send
from tests.web.untranslated import LANGUAGE, language_without_latin_letters, latin_words, name_all

DEEDS = (
    *("create_webhook", "enable_webhook", "disable_webhook", "delete_webhook"),
    *("rotate_webhook_secret", "test_webhook", "replay_webhook", "send_mail_again"),
    "erase_user",
)
ACCEPTED = {"Accept": "text/html", "Accept-Language": LANGUAGE}


@pytest.fixture
def foreign(ids: Ids, staff: Browser, school: School, tmp_path: Path) -> Iterator[Ids]:
    name_all(school.engine)
    with language_without_latin_letters(tmp_path):
        yield ids


NAMES = {"student", "school", "example", "ja", "https", "hooks", "W"}
NAMES |= {word for name in EventType for word in name.split(".")}
"""What is the same in every language: addresses, tags, the names of events, ISO weeks."""


def test_every_page(staff: Browser, foreign: Ids) -> None:
    for path in looked_at(foreign):
        assert latin_words(staff.get(path, **ACCEPTED).text) <= NAMES, path


def test_each_mail_and_each_deed(staff: Browser, foreign: Ids, school: School) -> None:
    deeds = [*DEEDS, *(kind.lower() for kind in JobKind)]
    with school.engine.begin() as db:
        db.execute(insert(AuditEntry), [{"action": one, "subject": "session"} for one in deeds])
        mails = [
            {"id": uuid4(), "kind": "MAIL", "topic": topic, "payload": {}} for topic in LetterTopic
        ]
        db.execute(insert(OutboxMessage), mails)

    for path in "/staff/audit", "/staff/outbox":
        assert latin_words(staff.get(path, **ACCEPTED).text) <= NAMES, path


def test_what_is_wrong(staff: Browser, foreign: Ids, course: Course) -> None:
    session = f"/staff/sessions/{course.sessions[0]}"
    for path, fields in (
        (f"{session}/move", {"startAt": "soon", "endAt": ""}),
        (f"{session}/capacity", {"capacityMax": "many"}),
        (f"{session}/attendance", {}),
    ):
        answer = staff.post(path, {"formKey": "a"} | fields, **ACCEPTED)
        assert answer.status_code == 422
        assert latin_words(answer.text) <= NAMES, path
    for path in "/staff/analytics?from=2026-02-02&to=2026-02-01", "/staff/sessions?week=x":
        answer = staff.get(path, **ACCEPTED)
        assert answer.status_code == 422
        assert latin_words(answer.text) <= NAMES, path


@pytest.mark.usefixtures("deciding")
def test_what_came_of_deeds(staff: Browser, foreign: Ids, course: Course) -> None:
    session, booking = f"/staff/sessions/{course.sessions[0]}", foreign["booking_id"]
    for path, fields in (
        (f"{session}/capacity", {"capacityMax": "5", "dryRun": "1"}),
        (f"{session}/cancel", {"dryRun": "1"}),
        (f"{session}/attendance", {f"mark-{booking}": "ATTENDED"}),
        (f"{session}/attendance", {f"mark-{booking}": "CONFIRMED"}),
        (f"/staff/bookings/{booking}/cancel", {}),
        (f"{session}/cancel", {}),
    ):
        page = send(staff, path, {"formKey": "a", "reason": "人"} | fields)
        assert latin_words(staff.get(page, **ACCEPTED).text) <= NAMES, path
    assert latin_words(staff.get(session, **ACCEPTED).text) <= NAMES
