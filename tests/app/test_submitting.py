"""The contract of submitting, on the real database and broker."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from freezegun import freeze_time
from sqlalchemy import Engine, event, text

from app import create_app
from app.api.collaborators import release_db, request_db
from app.settings import Settings
from models.round import Decider
from tests.app.students import Student, decide
from tests.school import Course, School


def test_a_submit_is_accepted_as_a_job(student: Student) -> None:
    answer = student.book()

    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/api/jobs/{answer.json['id']}"
    assert int(answer.headers["Retry-After"]) >= 1
    assert set(answer.json) == {
        *("id", "kind", "status", "position", "estimatedSeconds", "pollAfterMs", "attempts"),
        *("taskId", "retryOf", "submittedAt", "decidedAt", "result", "error"),
    }
    assert answer.json["kind"] == "BOOK_STEP"
    assert answer.json["status"] == "QUEUED"
    assert answer.json["submittedAt"].endswith("Z")


def test_waiting_answers_201_when_a_booking_was_made(student: Student, deciding: None) -> None:
    answer = student.book(Prefer="wait=10")
    assert answer.status_code == 201
    assert answer.json["status"] == "SUCCEEDED"
    assert answer.headers["Preference-Applied"] == "wait=10"


def test_waiting_answers_200_when_the_request_was_refused(student: Student, deciding: None) -> None:
    answer = student.book({"courseStepOptionId": 999_999}, Prefer="wait=10")
    assert answer.status_code == 200
    assert answer.json["error"]["code"] == "option_invalid"


def test_a_wait_that_ends_undecided_answers_202(student: Student) -> None:
    answer = student.book(Prefer="wait=1")
    assert answer.status_code == 202
    assert "Retry-After" in answer.headers
    assert answer.headers["Preference-Applied"] == "wait=1"


def test_clients_that_dont_ask_wait_for_the_default_time(
    engine: Engine, settings: Settings, course: Course, deciding: None
) -> None:
    application = create_app(replace(settings, default_wait=timedelta(seconds=10)))
    answer = Student(application.test_client(), settings, course).book()
    assert answer.status_code == 201
    assert "Preference-Applied" not in answer.headers


def test_a_repeated_key_answers_the_same_job(student: Student, decider: Decider) -> None:
    first = student.book(Idempotency_Key="k-1")
    again = student.book(Idempotency_Key="k-1")
    assert "Idempotency-Replayed" not in first.headers
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (202, "true")

    decide(decider)
    later = student.book(Idempotency_Key="k-1")
    assert (later.status_code, later.json["status"]) == (200, "SUCCEEDED")
    assert first.json["id"] == again.json["id"] == later.json["id"]


def test_an_explicit_null_is_the_same_request(student: Student) -> None:
    option = student.course.option
    first = student.book({"courseStepOptionId": option}, Idempotency_Key="k-1")
    again = student.book({"sessionId": None, "courseStepOptionId": option}, Idempotency_Key="k-1")
    assert first.json["id"] == again.json["id"]


def test_a_key_of_another_request_is_refused_and_makes_no_job(
    student: Student, engine: Engine
) -> None:
    student.book(Idempotency_Key="k-1")
    answer = student.book({"courseStepOptionId": 999_999}, Idempotency_Key="k-1")
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    with engine.connect() as db:
        assert db.scalar(text("SELECT count(*) FROM booking_job")) == 1


def test_another_user_may_use_the_same_key(
    student: Student, client: FlaskClient, settings: Settings
) -> None:
    other = Student(client, settings, student.course)
    first, second = student.book(Idempotency_Key="k-1"), other.book(Idempotency_Key="k-1")
    assert second.status_code == 202
    assert first.json["id"] != second.json["id"]


def test_a_replay_comes_before_ownership_rate_and_queue_checks(
    engine: Engine, settings: Settings, course: Course
) -> None:
    strict = replace(settings, rate_limit="1 per hour", max_queued_jobs=1)
    student = Student(create_app(strict).test_client(), settings, course)
    first = student.book(Idempotency_Key="k-1")
    with engine.begin() as db:
        other = course.school.person()
        db.execute(text("UPDATE student_package SET user_id = :other"), {"other": other})
    again = student.book(Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json["id"] == first.json["id"]


@pytest.mark.parametrize("key", ["", "a,b", "a b", "ü", "x" * 256])
def test_a_bad_key_is_refused(student: Student, key: str) -> None:
    answer = student.book(Idempotency_Key=key)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_idempotency_key")


@pytest.mark.parametrize("value", [-1, 0, 2**63, 10**30, True, 1.0, "7", None, [1], {}])
def test_an_option_id_that_is_none_is_an_invalid_field(student: Student, value: Any) -> None:
    answer = student.book({"courseStepOptionId": value})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["courseStepOptionId"]


@pytest.mark.parametrize("field", ["userId", "price", "status", "course_step_option_id"])
def test_fields_nobody_asked_for_are_invalid(student: Student, field: str) -> None:
    answer = student.book({"courseStepOptionId": student.course.option, field: 1})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]


def test_unknown_and_foreign_things_answer_the_same_404(
    student: Student, client: FlaskClient, settings: Settings
) -> None:
    other = Student(client, settings, student.course)
    step, body = student.course.step, {"courseStepOptionId": student.course.option}
    bodies = set()
    for package, step_id in (
        (other.package, step),
        (999_999, step),
        (student.package, 999_999),
        (10**30, step),
        (-1, step),
    ):
        path = f"/api/students/me/course-packages/{package}/steps/{step_id}/book-session"
        answer = client.post(path, json=body, headers=student.headers)
        assert answer.status_code == 404
        bodies.add(answer.data)
    foreign_job = other.book().headers["Location"]
    for path in (
        foreign_job,
        f"/api/jobs/{uuid4()}",
        "/api/jobs/1",
        f"{other.path}/unbooked-steps",
    ):
        answer = student.get(path)
        assert answer.status_code == 404
        bodies.add(answer.data)
    assert len(bodies) == 1


def test_too_many_submits_of_one_user_are_told_when_to_come_back(
    engine: Engine, settings: Settings, course: Course
) -> None:
    client = create_app(replace(settings, rate_limit="2 per hour")).test_client()
    student, other = Student(client, settings, course), Student(client, settings, course)
    answers = [student.book() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert int(answers[2].headers["Retry-After"]) > 0
    assert other.book().status_code == 202


def test_a_full_queue_is_told_as_503(engine: Engine, settings: Settings, course: Course) -> None:
    Student(create_app(settings).test_client(), settings, course).book()
    client = create_app(replace(settings, max_queued_jobs=1)).test_client()
    answer = Student(client, settings, course).book()
    assert (answer.status_code, answer.json["code"]) == (503, "queue_full")
    assert "Retry-After" in answer.headers


def test_a_user_who_was_deleted_is_not_signed_in(student: Student, engine: Engine) -> None:
    location = student.book().headers["Location"]
    with engine.begin() as db:
        db.execute(text("SET LOCAL thrive.maintenance = 'on'"))
        db.execute(text("TRUNCATE user_account CASCADE"))
    for answer in (
        *(student.get("/api/jobs"), student.get(location), student.get(f"/api/jobs/{uuid4()}")),
        *(student.delete(location), student.book(), student.book(Idempotency_Key="k-1")),
    ):
        assert (answer.status_code, answer.json["code"]) == (401, "invalid_token")
        assert "invalid_token" in answer.headers["WWW-Authenticate"]
    with engine.connect() as db:
        assert db.execute(text("SELECT status FROM booking_job")).all() == [("QUEUED",)]


def test_a_submit_takes_three_statements_and_a_poll_one(
    student: Student, application: Flask
) -> None:
    student.get(student.book().headers["Location"])  # what happens once a process is past
    statements: list[str] = []
    engine = application.extensions["runtime"].statements
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    location = student.book(Idempotency_Key="k-1").headers["Location"]
    assert len(statements) == 3
    student.get(location)
    assert len(statements) == 4


def test_a_token_of_yesterday_is_refused(student: Student) -> None:
    with freeze_time(student.course.school.now + timedelta(hours=2)):
        answer = student.get("/api/jobs")
    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("early", "status"), [(timedelta(milliseconds=1), "REFUSED"), (timedelta(0), "SUCCEEDED")]
)
def test_the_on_sale_moment_counts_at_the_submit(  # noqa: PLR0917 - fixtures
    school: School,
    client: FlaskClient,
    settings: Settings,
    decider: Decider,
    early: timedelta,
    status: str,
) -> None:
    opens = school.now.replace(microsecond=0) + timedelta(minutes=30)
    student = Student(client, settings, school.course(booking_opens_at=opens))
    with freeze_time(opens - early):
        location = student.book().headers["Location"]
    # a queue that is slow until after the opening changes nothing
    decide(replace(decider, clock=lambda: opens + timedelta(minutes=5)))
    assert student.get(location).json["status"] == status


def test_a_connection_that_breaks_after_the_answer_was_made_changes_nothing(
    application: Flask, engine: Engine
) -> None:
    with application.app_context():
        number = request_db().scalar(text("SELECT pg_backend_pid()"))
        with engine.connect() as other:
            # waits until it is gone
            other.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})
        release_db()
        assert request_db().scalar(text("SELECT 1")) == 1
        release_db()


def test_no_transaction_is_open_while_the_broker_is_asked(
    student: Student, application: Flask, engine: Engine
) -> None:
    open_transactions = []

    def look(_: int) -> None:
        with engine.connect() as db:
            query = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = 'thrive web' AND state LIKE 'idle in transaction%'"
            )
            open_transactions.append(db.scalar(text(query)))

    limit = application.extensions["runtime"].submit_limit
    limit.seconds_to_wait = look
    assert student.book().status_code == 202
    assert open_transactions == [0]
