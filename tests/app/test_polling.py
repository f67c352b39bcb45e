"""The contract of following jobs: polling, listing, withdrawing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from app import create_app, job_waiters
from app.settings import Settings
from models.round import Decider
from tests.app.students import Student, decide


def test_a_decided_job_shows_the_booking_and_its_progress(
    student: Student, decider: Decider
) -> None:
    location = student.book().headers["Location"]
    decide(decider)
    job = student.get(location).json

    assert job["status"] == "SUCCEEDED"
    assert job["decidedAt"].endswith("Z")
    assert job["attempts"] == 1
    assert set(job["result"]["booking"]) == {
        *("id", "sessionId", "status", "bookingType", "createdAt", "courseStepId"),
        *("studentPackageId", "metadata", "paymentStatus", "changeUntil", "cancelUntil"),
    }
    assert set(job["result"]["progress"]) == {
        *("id", "courseStepId", "status", "bookingId", "bookedAt"),
    }
    assert job["result"]["booking"]["sessionId"] == student.course.sessions[0]
    assert job["result"]["progress"]["bookingId"] == job["result"]["booking"]["id"]


def test_a_refused_job_carries_a_problem_with_code_sentence_and_alternatives(
    student: Student, client: FlaskClient, settings: Settings, decider: Decider
) -> None:
    later = student.course.school.session(student.course.group_class, timedelta(days=9))
    body = {"courseStepOptionId": student.course.option, "sessionId": student.course.sessions[0]}
    student.book(body)
    second = Student(client, settings, student.course)
    location = second.book(body).headers["Location"]
    decide(decider)
    job = second.get(location).json

    assert job["status"] == "REFUSED"
    assert job["error"]["code"] == "session_full"
    assert {"type", "title", "status", "detail", "message", "waitlistOpen"} <= set(job["error"])
    offered = job["error"]["alternatives"]
    assert [one["sessionId"] for one in offered] == [later]
    assert set(offered[0]) == {
        *("courseStepOptionId", "sessionId", "groupClassId", "groupClassName", "startAt"),
        *("endAt", "capacityMax", "spotsAvailable", "isActive", "teacherName", "timeZone"),
        *("isDefault", "waitlistOpen"),
    }


def test_polling_waits_too(student: Student, deciding: None) -> None:
    location = student.book().headers["Location"]
    answer = student.get(location, Prefer="wait=10")
    assert answer.json["status"] == "SUCCEEDED"
    assert answer.headers["Preference-Applied"] == "wait=10"


def test_a_queued_job_can_be_withdrawn_and_withdrawn_again(
    student: Student, decider: Decider, engine: Engine
) -> None:
    location = student.book().headers["Location"]
    answers = [student.delete(location) for _ in range(2)]
    decide(decider)

    assert [answer.status_code for answer in answers] == [200, 200]
    assert student.get(location).json["status"] == "WITHDRAWN"
    with engine.connect() as db:
        assert db.scalar(text("SELECT count(*) FROM job_queue")) == 0
        assert db.scalar(text("SELECT count(*) FROM booking")) == 0


def test_a_decided_job_cant_be_withdrawn(student: Student, decider: Decider) -> None:
    location = student.book().headers["Location"]
    decide(decider)
    answer = student.delete(location)
    assert (answer.status_code, answer.json["code"]) == (409, "job_already_decided")


def test_nobody_withdraws_anothers_job(
    student: Student, client: FlaskClient, settings: Settings
) -> None:
    location = student.book().headers["Location"]
    assert Student(client, settings, student.course).delete(location).status_code == 404
    assert student.get(location).json["status"] == "QUEUED"


def test_positions_count_the_jobs_ahead(
    student: Student, client: FlaskClient, settings: Settings, application: Flask
) -> None:
    locations = [student.book().headers["Location"]]
    others = [Student(client, settings, student.course) for _ in range(2)]
    last = [other.book().headers["Location"] for other in others][-1]
    # the view of the queue is at most a second old; a new process has a new one
    fresh = create_app(settings).test_client()
    positions = [
        fresh.get(path, headers=who.headers).json["position"]
        for path, who in ((locations[0], student), (last, others[-1]))
    ]
    assert positions == [0, 2]


def test_an_unchanged_job_answers_304(student: Student, decider: Decider) -> None:
    location = student.book().headers["Location"]
    decide(decider)
    tag = student.get(location).headers["ETag"]
    answer = student.get(location, If_None_Match=tag)
    assert (answer.status_code, answer.data) == (304, b"")


def test_the_tag_of_a_submit_serves_for_polling(student: Student, decider: Decider) -> None:
    first = student.book(Idempotency_Key="k-1")
    decide(decider)
    replayed = student.book(Idempotency_Key="k-1")
    polled = student.get(first.headers["Location"], If_None_Match=replayed.headers["ETag"])
    assert first.headers["ETag"] != replayed.headers["ETag"]
    assert polled.status_code == 304


def test_own_jobs_are_listed_newest_first_page_by_page(student: Student) -> None:
    ids = [student.book().json["id"] for _ in range(3)]
    first = student.get("/api/jobs?limit=2").json
    second = student.get(f"/api/jobs?limit=2&cursor={first['next']}").json
    assert [job["id"] for job in first["items"] + second["items"]] == ids[::-1]
    assert second["next"] is None


def test_own_jobs_are_listed_by_status(student: Student) -> None:
    withdrawn = student.book().headers["Location"]
    student.delete(withdrawn)
    queued = student.book().json["id"]
    jobs = student.get("/api/jobs?status=QUEUED").json["items"]
    assert [job["id"] for job in jobs] == [queued]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=1000000000", "cursor=abc", "status=GONE"]
)
def test_a_list_asked_for_wrongly_is_invalid(student: Student, query: str) -> None:
    assert student.get(f"/api/jobs?{query}").status_code == 422


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [("text/plain", b"{}", 415), ("application/json", b'{"reason": "no"}', 422)],
)
def test_withdrawing_takes_no_body_but_an_empty_one(
    student: Student, content_type: str, body: bytes, status: int
) -> None:
    location = student.book().headers["Location"]
    answer = student.client.delete(
        location, data=body, content_type=content_type, headers=student.headers
    )
    assert answer.status_code == status
    assert student.get(location).json["status"] == "QUEUED"


def test_a_position_counts_those_accepted_a_moment_ago(
    student: Student, client: FlaskClient, settings: Settings
) -> None:
    student.get("/api/jobs/" + student.book().json["id"])
    others = [Student(client, settings, student.course) for _ in range(3)]
    assert [other.book().json["position"] for other in others] == [1, 2, 3]


def test_a_cursor_is_one_of_ones_own_jobs(
    student: Student, client: FlaskClient, settings: Settings
) -> None:
    own = student.book().json["id"]
    foreign = Student(client, settings, student.course).book().json["id"]
    assert student.get(f"/api/jobs?cursor={own}").status_code == 200
    for forged in (foreign, str(uuid4()), "1", "01", own[:-1]):
        answer = student.get(f"/api/jobs?cursor={forged}")
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["cursor"])


def test_an_unchanged_list_of_jobs_answers_304(student: Student) -> None:
    student.book()
    first = student.get("/api/jobs?limit=1")
    again = student.get("/api/jobs?limit=1", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("tag", ['"x"', "*"])
def test_if_match_is_no_condition_of_a_poll(student: Student, decider: Decider, tag: str) -> None:
    location = student.book().headers["Location"]
    decide(decider)
    assert student.get(location, If_Match=tag).status_code == 200


def test_a_wait_that_nobody_could_keep_is_not_claimed(
    student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = student.book().headers["Location"]
    monkeypatch.setattr(job_waiters, "MOST_WAITERS", 0)
    answers = [student.get(location, Prefer="wait=5"), student.book(Prefer="wait=5")]
    assert [answer.status_code for answer in answers] == [200, 202]
    assert not any("Preference-Applied" in answer.headers for answer in answers)
