"""Outbox, webhooks and audit log: what left the house, and who did what."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from models.audit import AuditEntry
from models.outbox import OutboxMessage
from tests.school import School
from tests.web.browsing import Browser, text_of
from tests.web.staff.deeds import hidden


@pytest.mark.usefixtures("decided")
def test_a_mail_is_sent_once_more(staff: Browser, school: School) -> None:
    with school.engine.begin() as db:
        db.execute(update(OutboxMessage).values(status="SENT", finished_at=school.now))
    told = staff.read("/staff/outbox?status=SENT&kind=MAIL")
    assert "A seat is booked" in told
    assert "course.step.booked" not in told
    deed = re.search(r'action="([^"]*/resend)"', staff.get("/staff/outbox").text)
    assert deed

    answer = staff.post(deed[1], {})
    assert answer.headers["Location"] == "/staff/outbox?again=1"
    assert "The mail is sent once more" in staff.read("/staff/outbox?again=1")
    assert "Waiting" in staff.read("/staff/outbox?again=1")
    again = staff.post(deed[1], {})
    assert again.status_code == 409
    assert "sent again a moment ago" in again.text
    assert "There is no such message" in staff.read("/staff/outbox?status=DEAD")
    for query in ("status=GONE", "kind=x", "cursor=x"):
        assert staff.get(f"/staff/outbox?{query}").status_code == 422, query


def test_a_webhook_is_made_tried_out_and_deleted(staff: Browser, school: School) -> None:
    fields = {"url": "https://hooks.example/in", "eventTypes": "course.step.booked"}
    made = staff.post("/staff/webhooks", fields)
    assert made.headers["Cache-Control"] == "no-store"
    secret = re.search(r'value="(whsec_[^"]*)"', made.text)
    assert secret
    assert "course.step.booked" in staff.read("/staff/webhooks")
    page = re.search(r'href="(/staff/webhooks/\d+)"', made.text)
    assert page
    assert secret[1] not in staff.get(page[1]).text

    answer = staff.post(f"{page[1]}/test", {})
    told = staff.read(answer.headers["Location"])
    assert "A test event is on its way" in told
    assert "webhook.test" in told
    turned = staff.post(f"{page[1]}/rotate", {})
    assert secret[1] not in turned.text
    assert "The secret before signs as well" in text_of(turned)
    answer = staff.post(f"{page[1]}/switch", hidden(staff, page[1]))
    assert "The webhook is disabled" in staff.read(answer.headers["Location"])
    answer = staff.post(f"{page[1]}/switch", hidden(staff, page[1]))
    assert "The webhook is enabled" in staff.read(answer.headers["Location"])
    assert "Delete the webhook?" in staff.read(f"{page[1]}/delete")
    answer = staff.post(f"{page[1]}/delete", {})
    assert "The webhook is deleted" in staff.read(answer.headers["Location"])
    assert staff.get(page[1]).status_code == 404
    audited = staff.read("/staff/audit")
    for deed in ("Make", "Disable", "Enable", "Delete"):
        assert f"{deed} the webhook" in audited
    assert "Send a test" in audited
    assert school.rows("SELECT count(*) FROM webhook_endpoint") == [(1,)]


def test_events_are_sent_again_from_a_position_on(staff: Browser) -> None:
    made = staff.post("/staff/webhooks", {"url": "https://hooks.example/in"})
    page = re.search(r'href="(/staff/webhooks/\d+)"', made.text)
    assert page

    answer = staff.post(f"{page[1]}/replay", {"after": "0"})
    assert "0 events are sent again" in staff.read(answer.headers["Location"])
    assert "go on behind position 7" in staff.read(f"{page[1]}?done=replayed&queued=1&next=7")
    wrong = staff.post(f"{page[1]}/replay", {"after": "the beginning"})
    assert wrong.status_code == 422
    assert "Please give a whole number" in text_of(wrong)
    assert staff.get(f"{page[1]}?cursor=x").status_code == 422


def test_an_address_that_no_event_can_be_sent_to_is_told(staff: Browser, school: School) -> None:
    for url, sentence in (
        ("", "It has to begin"),
        ("ftp://hooks.example", "http"),
        ("http://127.0.0.1/in", "public address"),
    ):
        answer = staff.post("/staff/webhooks", {"url": url})
        assert answer.status_code == 422, url
        assert sentence in text_of(answer), url
        assert 'aria-invalid="true"' in answer.text
    unknown = {"url": "https://hooks.example/in", "eventTypes": "course.step.burnt"}
    assert staff.post("/staff/webhooks", unknown).status_code == 422
    assert school.rows("SELECT count(*) FROM webhook_endpoint") == [(0,)]


def test_the_audit_log_is_read_by_actor_and_day_in_pages(staff: Browser, school: School) -> None:
    actor = school.person("STAFF", name="Priya Admin")
    rows = [
        {
            "at": school.now - timedelta(days=30, seconds=number),
            "actor_id": actor,
            "action": "mend",
            "subject": "session",
            "subject_id": 7,
            "reason": "Because " * 40,
        }
        for number in range(60)
    ]
    with school.engine.begin() as db:
        db.execute(insert(AuditEntry), rows)

    first = staff.get("/staff/audit")
    assert len(first.data) < 100_000
    assert first.text.count('<th scope="row"') == 50
    later = re.search(r'href="([^"]*cursor=[^"]*)"', first.text)
    assert later
    assert staff.get(later[1].replace("&amp;", "&")).text.count('<th scope="row"') == 10
    assert "Priya Admin" in staff.read(f"/staff/audit?actorId={actor}")
    assert "There is no such entry" in staff.read("/staff/audit?actorId=987")
    today = school.now.date()
    assert "There is no such entry" in staff.read(f"/staff/audit?from={today}&to={today}")
    month = f"from={today - timedelta(days=31)}&to={today - timedelta(days=29)}"
    assert "mend" in staff.read(f"/staff/audit?{month}")
    for query in ("from=2026-02-30", "to=soon", "from=0001-01-01", "actorId=x", "cursor=x"):
        answer = staff.get(f"/staff/audit?{query}")
        assert answer.status_code == 422, query
        assert "Please check this" in answer.text
