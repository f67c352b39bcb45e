"""The contract of submitting and polling, on the real database and broker."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from freezegun import freeze_time
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from app import create_app
from app.api.collaborators import release_db, request_db
from app.settings import Settings
from app.tokens import issue_token
from models.deciding import decide_lane
from models.lanes import LANES
from models.round import Decider
from tests.school import Course, School


@pytest.fixture
def application(engine: Engine, settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def client(application: Flask) -> FlaskClient:
    return application.test_client()


class Student:
    """A signed-in student with a package of the course, and the calls they make."""

    def __init__(self, client: FlaskClient, settings: Settings, course: Course) -> None:
        self.client, self.course = client, course
        self.id, self.package = course.enrol_one()
        token = issue_token(settings, self.id, timedelta(hours=1), course.school.now)
        self.headers = {"Authorization": f"Bearer {token}"}

    @property
    def path(self) -> str:
        return f"/api/students/me/course-packages/{self.package}"

    def book(self, body: dict[str, Any] | None = None, **headers: str) -> TestResponse:
        body = body or {"courseStepOptionId": self.course.option}
        return self.client.post(
            f"{self.path}/steps/{self.course.step}/book-session",
            json=body,
            headers=self.headers | {name.replace("_", "-"): v for name, v in headers.items()},
        )

    def get(self, path: str, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=self.headers | named)

    def delete(self, path: str) -> TestResponse:
        return self.client.delete(path, headers=self.headers)


@pytest.fixture
def course(school: School) -> Course:
    return school.course(capacity=1)


@pytest.fixture
def student(client: FlaskClient, settings: Settings, course: Course) -> Student:
    return Student(client, settings, course)


def decide(decider: Decider) -> None:
    for lane in range(LANES):
        decide_lane(decider, lane)


@pytest.fixture
def deciding(decider: Decider) -> Iterator[None]:
    """Somebody who decides all the time, as a worker does."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(0.02):
            decide(decider)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    ended.set()
    thread.join()


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


def test_polling_waits_too(student: Student, deciding: None) -> None:
    location = student.book().headers["Location"]
    answer = student.get(location, Prefer="wait=10")
    assert answer.json["status"] == "SUCCEEDED"
    assert answer.headers["Preference-Applied"] == "wait=10"


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
    with engine.begin() as db:
        db.execute(text("SET LOCAL thrive.maintenance = 'on'"))
        db.execute(text("TRUNCATE user_account CASCADE"))
    assert student.get("/api/jobs").status_code == 401


def test_a_token_of_yesterday_is_refused(student: Student) -> None:
    with freeze_time(student.course.school.now + timedelta(hours=2)):
        answer = student.get("/api/jobs")
    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["WWW-Authenticate"]


def test_enrolments_show_each_step_with_its_booking_and_session(
    student: Student, decider: Decider
) -> None:
    before = student.get("/api/students/me/course-packages").json
    student.book()
    decide(decider)
    (package,) = student.get("/api/students/me/course-packages").json
    (step,) = package["steps"]

    assert before[0]["steps"][0]["booking"] is None
    assert before[0]["steps"][0]["progress"]["status"] == "UNBOOKED"
    assert set(package) == {
        *("packageId", "packageName", "status", "expiresAt", "program", "steps"),
    }
    assert set(step) == {
        *("stepId", "stepLabel", "stepTitle", "stepOrder", "isRequired"),
        *("progress", "booking", "session", "waitlist"),
    }
    assert set(step["session"]) == {
        *("id", "groupClassId", "groupClassName", "teacherName"),
        *("startAt", "endAt", "timeZone", "status"),
    }
    assert step["progress"]["bookingId"] == step["booking"]["id"]
    assert step["booking"]["metadata"]["stepLabel"] == "Step 1"
    assert step["session"]["id"] == step["booking"]["sessionId"]


def test_unbooked_steps_offer_what_can_be_booked(
    student: Student, client: FlaskClient, settings: Settings, decider: Decider
) -> None:
    school, course = student.course.school, student.course
    second = school.session(course.group_class, timedelta(days=9))
    school.session(course.group_class, -timedelta(days=1))
    school.session(course.group_class, timedelta(days=2), status="CANCELLED")
    Student(client, settings, course).book()
    decide(decider)
    (step,) = student.get(f"{student.path}/unbooked-steps").json

    offers = [(o["sessionId"], o["spotsAvailable"], o["isDefault"]) for o in step["options"]]
    assert offers == [(course.sessions[0], 0, False), (second, 1, True)]
    student.book()
    decide(decider)
    assert student.get(f"{student.path}/unbooked-steps").json == []


def test_a_pinned_session_alone_is_the_default(student: Student) -> None:
    school, course = student.course.school, student.course
    pinned = school.session(course.group_class, timedelta(days=9))
    school.pin(course.cohort, course.option, pinned)
    (step,) = student.get(f"{student.path}/unbooked-steps").json
    assert [(o["sessionId"], o["isDefault"]) for o in step["options"]] == [
        (course.sessions[0], False),
        (pinned, True),
    ]


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


def test_a_connection_that_breaks_after_the_answer_was_made_changes_nothing(
    application: Flask, engine: Engine
) -> None:
    with application.app_context():
        number = request_db().scalar(text("SELECT pg_backend_pid()"))
        with engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
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
