"""The outbox as staff see it, and mails that are sent once more."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import bindparam, select
from werkzeug.test import TestResponse

from models import resending
from models.outbox import OutboxMessage
from models.round import Decider
from tests.app.rows import job, message
from tests.app.students import Student, decide
from tests.app.visitors import Visitor
from tests.school import School

PATH = "/api/admin/outbox"
STATUSES = ("PENDING", "SENDING", "SENT", "DEAD", "SUPERSEDED")
KINDS = ("MAIL", "EVENT")
PRESSING = 6


def resend(visitor: Visitor, message_id: str) -> TestResponse:
    return visitor.post(f"{PATH}/{message_id}/resend")


def test_a_message_says_what_it_is_about_and_how_its_sending_goes(
    staff: Visitor, school: School
) -> None:
    told_by, earlier = job(school), str(uuid4())
    dead = message(
        school,
        status="DEAD",
        user_id=7,
        student_package_id=8,
        course_step_id=9,
        booking_job_id=UUID(told_by),
        attempts=5,
        last_error="refused: 550",
        resend_of=UUID(earlier),
        payload={"booking_id": 1, "alternatives": ["not shown"]},
    )
    (shown,) = staff.items(PATH)
    for instant in ("createdAt", "finishedAt"):
        assert shown.pop(instant).endswith("Z")
    assert shown == {
        "id": dead,
        "kind": "MAIL",
        "topic": "booking_confirmed",
        "status": "DEAD",
        "userId": 7,
        "packageId": 8,
        "stepId": 9,
        "jobId": told_by,
        "attempts": 5,
        "nextAttemptAt": None,
        "lastError": "refused: 550",
        "resendOf": earlier,
    }


def test_a_booking_leaves_its_mail_and_its_event(
    staff: Visitor, student: Student, decider: Decider
) -> None:
    made = student.book().json["id"]
    decide(decider)
    event, mail = sorted(staff.items(PATH), key=lambda item: item["kind"])
    assert (event["topic"], mail["topic"]) == ("course.step.booked", "booking_confirmed")
    for item in (event, mail):
        assert (item["status"], item["jobId"], item["userId"]) == ("PENDING", made, student.id)
        assert (item["packageId"], item["stepId"]) == (student.package, student.course.step)
        assert item["nextAttemptAt"].endswith("Z")
        assert (item["finishedAt"], item["lastError"], item["resendOf"]) == (None, None, None)
    told = str(staff.items(PATH))
    assert "@" not in told
    assert "Person" not in told


def test_messages_are_listed_by_status_and_kind(staff: Visitor, school: School) -> None:
    made = {
        (status, kind): message(school, status=status, kind=kind)
        for status in STATUSES
        for kind in KINDS
    }
    newest_first = list(made.values())[::-1]
    assert staff.ids(PATH) == newest_first
    for status in STATUSES:
        assert staff.ids(PATH, status=status) == [made[status, "EVENT"], made[status, "MAIL"]]
        for kind in KINDS:
            assert staff.ids(PATH, status=status, kind=kind) == [made[status, kind]]
    for kind in KINDS:
        assert staff.ids(PATH, kind=kind) == [made[status, kind] for status in STATUSES[::-1]]


@pytest.mark.parametrize("status", [None, *STATUSES])
@pytest.mark.parametrize("kind", [None, *KINDS])
def test_every_list_goes_on_page_by_page(
    staff: Visitor, school: School, status: str | None, kind: str | None
) -> None:
    made = [
        message(school, status=each, kind=of)
        for _ in range(3)
        for each in (status or "SENT", "DEAD", "PENDING")
        for of in KINDS
    ]
    wanted = {name: word for name, word in (("status", status), ("kind", kind)) if word}
    whole = staff.ids(PATH, **wanted)
    assert len(whole) == len([id_ for id_ in made if id_ in whole]) >= 3
    assert [page["items"][0]["id"] for page in staff.pages(PATH, **wanted)] == whole
    assert whole == [id_ for id_ in made[::-1] if id_ in whole]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "LOST"}, "status"),
        ({"status": "sent"}, "status"),
        ({"kind": "LETTER"}, "kind"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"cursor": "abc"}, "cursor"),
        ({"cursor": str(uuid4())}, "cursor"),
    ],
)
def test_what_isnt_a_filter_or_a_place_is_named(
    staff: Visitor, school: School, query: dict[str, str], field: str
) -> None:
    answer = staff.get(PATH, query)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


@pytest.mark.parametrize("status", ["SENT", "DEAD", "SUPERSEDED"])
def test_a_mail_that_left_or_never_will_is_sent_once_more_as_a_new_one(
    staff: Visitor, school: School, status: str
) -> None:
    told_by = job(school)
    columns = {"user_id": 7, "student_package_id": 8, "course_step_id": 9}
    old = message(
        school,
        status=status,
        booking_job_id=UUID(told_by),
        attempts=3,
        last_error="refused: 450",
        payload={"booking_id": 12},
        **columns,
    )
    answer = resend(staff, old)
    assert answer.status_code == 202
    made = answer.json
    assert made == staff.items(PATH)[0]
    assert made["id"] != old
    assert (made["resendOf"], made["status"], made["attempts"]) == (old, "PENDING", 0)
    assert (made["kind"], made["topic"], made["jobId"]) == ("MAIL", "booking_confirmed", told_by)
    assert (made["userId"], made["packageId"], made["stepId"]) == (7, 8, 9)
    assert (made["lastError"], made["finishedAt"]) == (None, None)
    payloads = school.rows("SELECT payload FROM outbox_message")
    assert payloads == [({"booking_id": 12},)] * 2
    assert staff.items(PATH)[1]["status"] == status


def test_sending_again_is_audited(staff: Visitor, school: School) -> None:
    old = message(school)
    made = resend(staff, old).json["id"]
    (entry,) = staff.items("/api/admin/audit")
    assert entry.pop("at").endswith("Z")
    assert entry.pop("id")
    assert entry == {
        "actorId": staff.id,
        "action": "send_mail_again",
        "subject": "outbox_message",
        "subjectId": None,
        "reason": None,
        "detail": {"message_id": old, "sent_again_as": made},
        "source": "127.0.0.1",
        "jobId": None,
    }


def test_a_courier_is_woken_for_it(staff: Visitor, school: School, redis: Redis) -> None:
    resend(staff, message(school))
    assert redis.llen("mail") == 1


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"status": "PENDING"}, "mail_still_on_its_way"),
        ({"status": "SENDING"}, "mail_still_on_its_way"),
        ({"kind": "EVENT"}, "not_a_mail"),
        ({"kind": "EVENT", "status": "PENDING"}, "not_a_mail"),
    ],
)
def test_what_cant_be_sent_again_is_refused_with_a_sentence(
    staff: Visitor, school: School, columns: dict[str, str], code: str
) -> None:
    answer = resend(staff, message(school, **columns))
    assert (answer.status_code, answer.json["code"]) == (409, code)
    assert answer.json["message"].endswith(".")
    assert school.rows("SELECT count(*) FROM outbox_message") == [(1,)]
    assert school.rows("SELECT count(*) FROM audit_entry") == [(0,)]


@pytest.mark.parametrize("status", ["PENDING", "SENT"])
def test_a_button_pressed_twice_sends_one_mail(staff: Visitor, school: School, status: str) -> None:
    old = message(school)
    made = resend(staff, old).json["id"]
    with school.engine.begin() as db:
        db.exec_driver_sql(
            "UPDATE outbox_message SET status = %s, finished_at = now() WHERE id = %s",
            (status, made),
        )
    answer = resend(staff, old)
    assert (answer.status_code, answer.json["code"]) == (409, "mail_just_sent_again")
    assert len(staff.items(PATH)) == 2


def test_a_minute_after_it_was_sent_again_it_can_be_once_more(
    staff: Visitor, school: School
) -> None:
    old = message(school)
    minute_ago = school.now - timedelta(minutes=1, seconds=1)
    message(school, resend_of=UUID(old), created_at=minute_ago)
    assert resend(staff, old).status_code == 202
    assert resend(staff, old).status_code == 409


def test_however_long_ago_it_was_asked_for_a_mail_on_its_way_isnt_doubled(
    staff: Visitor, school: School
) -> None:
    old = message(school)
    hour_ago = school.now - timedelta(hours=1)
    message(school, resend_of=UUID(old), created_at=hour_ago, status="PENDING")
    assert resend(staff, old).json["code"] == "mail_just_sent_again"


def press_at_once(application: Flask, staff: Visitor, message_id: str) -> list[int]:
    """Many press the button at once; returns what each was answered."""
    together = Barrier(PRESSING)

    def press(_: int) -> int:
        visitor = Visitor(application.test_client(), staff.settings, staff.id)
        together.wait(20)
        return resend(visitor, message_id).status_code

    with ThreadPoolExecutor(PRESSING) as pool:
        return sorted(pool.map(press, range(PRESSING)))


def test_of_many_who_press_the_button_at_once_one_sends_the_mail(
    application: Flask, staff: Visitor, school: School
) -> None:
    answers = press_at_once(application, staff, message(school))

    assert answers == [202] + [409] * (PRESSING - 1)
    assert len(staff.items(PATH)) == 2


def test_without_the_lock_each_of_them_would(
    application: Flask, staff: Visitor, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge, together = resending._why_not, Barrier(PRESSING)  # noqa: SLF001 - for the control
    unlocked = select(*OutboxMessage.__table__.c).where(OutboxMessage.id == bindparam("id"))

    def judge_together(*about: Any) -> Any:
        verdict = judge(*about)
        together.wait(20)
        return verdict

    monkeypatch.setattr(resending, "_LOCKED", unlocked)
    monkeypatch.setattr(resending, "_why_not", judge_together)

    assert press_at_once(application, staff, message(school)) == [202] * PRESSING


@pytest.mark.parametrize("unknown", [str(UUID(int=5)), "1", "x"])
def test_no_such_message_is_a_404(staff: Visitor, school: School, unknown: str) -> None:
    assert resend(staff, unknown).status_code == 404


def test_a_body_may_be_empty_and_holds_nothing(staff: Visitor, school: School) -> None:
    old = message(school)
    path = f"{PATH}/{old}/resend"
    assert staff.post(path, {"userId": 5}).status_code == 422
    assert staff.client.post(path, data="x", headers=staff.headers).status_code == 415
    assert staff.post(path, {}).status_code == 202


def test_only_staff_send_again(
    teacher: Visitor, learner: Visitor, admin: Visitor, school: School
) -> None:
    old = message(school)
    assert [resend(visitor, old).status_code for visitor in (teacher, learner)] == [403, 403]
    assert admin.client.post(f"{PATH}/{old}/resend").status_code == 401
    assert resend(admin, old).status_code == 202
