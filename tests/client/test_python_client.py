"""app/client.py against the whole product: what each call returns, and what it raises."""

import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from app.calling import answers
from app.client import (
    FailedError,
    RefusedError,
    RequestError,
    SignInError,
    ThriveClient,
    ThriveError,
    UndecidedError,
    WithdrawnError,
)
from app.settings import CHECKOUT
from tests.client.conftest import Site
from tests.client.giving_up import give_up
from tests.client.pages import Browser
from tests.client.python_clients import Program, Programs, jobs
from tests.school import DAY, HOUR, Course, School

A_SECOND = timedelta(seconds=1)


def test_a_step_is_booked_changed_and_cancelled(program: Program, course: Course) -> None:
    thrive, (first, second) = program.thrive, course.sessions
    [offered] = thrive.get_unbooked_course_steps(program.package)
    booked = thrive.book_course_step_session(*program.choice)
    left = thrive.get_unbooked_course_steps(program.package)
    changed = thrive.change_course_step_session(*program.choice, session_id=second)
    [enrolment] = thrive.get_course_packages()
    cancelled = thrive.cancel_course_step_booking(*program.step, "I am away")

    assert [option["sessionId"] for option in offered["options"]] == [first, second]
    assert booked["booking"]["sessionId"] == first
    assert booked["progress"]["bookingId"] == booked["booking"]["id"]
    assert left == []
    assert changed["booking"]["sessionId"] == second
    assert enrolment["steps"][0]["booking"] == changed["booking"]
    assert (cancelled["success"], cancelled["booking"]["status"]) == (True, "CANCELLED")


def test_sessions_are_listed_between_two_instants(
    program: Program, course: Course, school: School
) -> None:
    second = school.now + 4 * DAY
    listed = program.thrive.get_course_step_sessions(
        *program.step, from_=second - HOUR, to=second + HOUR
    )
    first = program.thrive.get_course_step_sessions(*program.step, limit=1)

    assert [option["sessionId"] for option in listed] == [course.sessions[1]]
    assert [option["sessionId"] for option in first] == [course.sessions[0]]


def test_a_bulk_booking_tells_what_it_booked_and_what_not(
    programs: Programs, school: School
) -> None:
    course = school.course(capacity=0)
    other = school.step(course.program, 2)
    group_class = school.group_class()
    school.session(group_class, 8 * DAY)
    option = school.option(other, group_class)
    program = programs.of(course)
    chosen: list[answers.StepSelection] = [
        {"courseStepId": course.step, "courseStepOptionId": course.option},
        {"courseStepId": other, "courseStepOptionId": option},
    ]
    with pytest.raises(RefusedError) as refused:
        program.thrive.bulk_book_course_step_sessions(program.package, chosen)
    result = program.thrive.bulk_book_course_step_sessions(
        program.package, chosen, mode="BEST_EFFORT"
    )

    assert [failure["courseStepId"] for failure in refused.value.failures] == [course.step]
    assert [failure["code"] for failure in result["failures"]] == ["session_full"]
    assert [made["progress"]["courseStepId"] for made in result["bookings"]] == [other]


def test_a_full_session_is_refused_waited_for_and_not_any_more(
    programs: Programs, school: School
) -> None:
    course = school.course(capacity=1)
    holder, waiter = programs.of(course), programs.of(course)
    holder.thrive.book_course_step_session(*holder.choice)
    with pytest.raises(RefusedError) as refused:
        waiter.thrive.book_course_step_session(*waiter.choice)
    joined = waiter.thrive.join_course_step_waitlist(*waiter.choice)
    [enrolment] = waiter.thrive.get_course_packages()
    left = waiter.thrive.leave_course_step_waitlist(*waiter.step)

    error = refused.value
    assert (error.code, error.waitlist_open, error.alternatives) == ("session_full", True, [])
    assert error.message.endswith(".")
    assert error.job_id is not None
    assert waiter.thrive.get_job(error.job_id)["status"] == "REFUSED"
    assert enrolment["steps"][0]["waitlist"] == [joined["waitlistEntry"]]
    assert left["left"] == [joined["waitlistEntry"]["id"]]


def test_a_refusal_brings_what_could_be_taken_instead(programs: Programs, school: School) -> None:
    course = school.course(capacity=1, sessions=2)
    first, second = course.sessions
    holder, other = programs.of(course), programs.of(course)
    holder.thrive.book_course_step_session(*holder.choice, session_id=first)
    with pytest.raises(RefusedError) as refused:
        other.thrive.book_course_step_session(*other.choice, session_id=first)

    assert [option["sessionId"] for option in refused.value.alternatives] == [second]


def test_patience_ends_with_the_jobs_id_and_whoever_has_it_goes_on(
    site: Site, program: Program, school: School
) -> None:
    hasty = program.client(patience=A_SECOND)
    with site.worker.suspended():
        with pytest.raises(UndecidedError) as late:
            hasty.book_course_step_session(*program.choice)
        error = late.value
        assert error.job_id is not None
        job = program.thrive.get_job(error.job_id)

    assert (job["status"], job["position"], error.code) == ("QUEUED", 0, "undecided")
    followed = program.thrive.follow_job(error.job_id)
    again = program.thrive.book_course_step_session(
        *program.choice, idempotency_key=error.idempotency_key
    )
    assert followed["progress"]["status"] == "BOOKED"
    assert again == followed
    assert jobs(school) == 1


def test_what_is_withdrawn_raises_for_who_follows_it(site: Site, program: Program) -> None:
    with site.worker.suspended():
        job_id = submit_only(site, program)
        assert program.thrive.withdraw(job_id)["status"] == "WITHDRAWN"
        with pytest.raises(WithdrawnError) as withdrawn:
            program.thrive.follow_job(job_id)

    assert (withdrawn.value.code, withdrawn.value.job_id) == ("withdrawn", job_id)


def test_a_job_that_is_decided_is_not_withdrawn(site: Site, program: Program) -> None:
    job_id = submit_only(site, program)
    program.thrive.follow_job(job_id)
    with pytest.raises(RequestError) as rejected:
        program.thrive.withdraw(job_id)

    assert (rejected.value.code, rejected.value.status) == ("job_already_decided", 409)


def test_a_job_that_was_given_up_raises(site: Site, program: Program, school: School) -> None:
    with site.worker.suspended():
        job_id = submit_only(site, program)
        give_up(school, job_id)
        with pytest.raises(FailedError) as failed:
            program.thrive.follow_job(job_id)

    assert (failed.value.code, failed.value.message) == ("job_failed", "A sentence.")


def submit_only(site: Site, program: Program) -> str:
    """Submit a booking without following it."""
    request = {"courseStepOptionId": program.course.option}
    return str(site.web.book(program.user, *program.step, request).body["id"])


def test_what_is_wrong_with_a_request_is_told_to_its_developer(program: Program) -> None:
    with pytest.raises(RequestError) as unknown:
        program.thrive.get_unbooked_course_steps(program.package + 1)
    with pytest.raises(RequestError) as invalid:
        program.thrive.book_course_step_session(*program.choice, session_id=-1)

    assert (unknown.value.code, unknown.value.status) == ("not_found", 404)
    assert (invalid.value.code, invalid.value.status) == ("invalid_fields", 422)
    assert "sessionId" in invalid.value.__notes__[0]


def test_staff_submit_and_read_by_the_same_client(programs: Programs, school: School) -> None:
    course = school.course()
    thrive = programs.client(school.person("STAFF"))
    path = f"/api/admin/sessions/{course.sessions[0]}"
    body = {"capacityMax": 12, "reason": "A larger room"}
    result = thrive.submit("POST", f"{path}/capacity", body)
    listed = thrive.get("/api/admin/sessions", {"groupClassId": course.group_class, "limit": 5})

    assert result["session"]["capacityMax"] == 12
    assert [session["id"] for session in listed["items"]] == course.sessions


def test_a_token_is_asked_for_each_time_and_may_be_a_string(
    programs: Programs, program: Program
) -> None:
    browser = Browser(programs.settings, program.user, programs.port)
    tokens = [browser.token(timedelta(minutes=-5)), browser.token()]
    address = f"http://127.0.0.1:{programs.port}"
    with ThriveClient(address, lambda: tokens.pop(0)) as renewing:
        with pytest.raises(SignInError) as expired:
            renewing.get_course_packages()
        assert len(renewing.get_course_packages()) == 1
    with ThriveClient(address, browser.token()) as fixed:
        assert len(fixed.get_course_packages()) == 1

    assert (expired.value.code, expired.value.status) == ("invalid_token", 401)


def test_a_token_goes_nowhere_else(program: Program) -> None:
    with pytest.raises(ValueError, match="begins with a slash"):
        program.thrive.get("http://127.0.0.1:1/")


@pytest.mark.parametrize("address", ["127.0.0.1:8000", "localhost"])
def test_an_address_without_its_scheme_is_told_at_once(address: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        ThriveClient(address, "token")


def test_threads_share_a_client(programs: Programs, school: School) -> None:
    course = school.course(capacity=8)
    packages = [school.package(school.person(), course.cohort) for _ in range(8)]
    thrive = programs.client(school.person("STAFF"))

    def book(package: int) -> int:
        body = {
            "packageId": package,
            "courseStepId": course.step,
            "courseStepOptionId": course.option,
        }
        made = thrive.submit("POST", "/api/admin/bookings", body)
        return int(made["booking"]["studentPackageId"])

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(book, packages)) == packages
    assert school.seats_taken(course.sessions[0]) == 8


def test_errors_come_out_of_other_processes_whole(program: Program) -> None:
    with pytest.raises(ThriveError) as unknown:
        program.thrive.get_job("nothing/such")
    error = pickle.loads(pickle.dumps(unknown.value))

    assert (type(error), error.code, str(error)) == (RequestError, "not_found", str(unknown.value))


def test_the_client_loads_nothing_of_the_server() -> None:
    command = [sys.executable, "-c", "import sys, app.client; print(*sys.modules)"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    loaded = done.stdout.split()

    assert "httpx" in loaded
    assert {name.split(".")[0] for name in loaded} & {
        *("celery", "flask", "marshmallow", "models", "redis", "sqlalchemy", "tasks"),
    } == set()
    assert [name for name in loaded if name.startswith("app.")] == [
        *("app.calling", "app.calling.answers", "app.calling.errors", "app.calling.in_time"),
        *("app.clock", "app.calling.network", "app.calling.following", "app.client"),
    ]


JSON_NAMES: dict[Any, str] = {
    int: "integer",
    str: "string",
    bool: "boolean",
    type(None): "null",
    list: "array",
    dict: "object",
}


def shapes() -> list[str]:
    """The names of all shapes that `answers` has."""
    return [name for name, it in vars(answers).items() if hasattr(it, "__required_keys__")]


@pytest.mark.parametrize("name", shapes())
def test_each_shape_is_that_of_the_api(name: str, site: Site) -> None:
    schemas = site.web.call("GET", "/api/openapi.json").body["components"]["schemas"]
    schema, shape = schemas[name], getattr(answers, name)

    assert set(schema.get("required", schema["properties"])) == shape.__required_keys__
    said = {field: words_of_type(hint) for field, hint in get_type_hints(shape).items()}
    meant = {field: words_of_schema(it) for field, it in schema["properties"].items()}
    if name == "Job":
        assert said.pop("result") == {"object", "null"}  # its shape is that of the kind
        del meant["result"]
    assert said == meant


def words_of_type(hint: Any) -> set[Any]:
    """What a type says: the names of JSON's types and of our shapes, and single values."""
    if hint in JSON_NAMES:
        return {JSON_NAMES[hint]}
    if get_origin(hint) in JSON_NAMES:
        parts = get_args(hint) if get_origin(hint) is list else ()
        return {JSON_NAMES[get_origin(hint)]}.union(*map(words_of_type, parts))
    if get_origin(hint) is Literal:
        return {"string", *get_args(hint)}
    return set().union(*map(words_of_type, get_args(hint))) or {hint.__name__}


def words_of_schema(schema: dict[str, Any]) -> set[Any]:
    """The same of a JSON schema."""
    if "$ref" in schema:
        return {schema["$ref"].rpartition("/")[2]}
    parts = schema.get("anyOf", [])
    types = schema.get("type", [])
    words = {*(types if isinstance(types, list) else [types]), *schema.get("enum", ())} - {None}
    return words.union(*map(words_of_schema, [*parts, *filter(None, [schema.get("items")])]))
