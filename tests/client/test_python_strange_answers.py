"""app/client.py with servers that make no sense: it ends in time, and in errors of its own."""

import time
import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from app.client import (
    NetworkError,
    RefusedError,
    RequestError,
    ThriveClient,
    ThriveError,
    UnavailableError,
    UndecidedError,
)
from tests.client.scripted_server import Script, answer, job, scripted_server
from tests.processes import free_port

Call = Callable[[ThriveClient], Any]
KEY = "the-key"
PROBLEM = {"code": "busy", "detail": "Too much.", "message": "Later."}
LONG_AGO = "Sun, 06 Nov 1994 08:49:37 GMT"
SLOW = 2
"""Seconds by which a machine that has much to do may be late."""


def book(thrive: ThriveClient) -> Any:
    return thrive.book_course_step_session(1, 2, 3, idempotency_key=KEY)


def raised(script: Script, call: Call = book, *, patience: float = 1) -> tuple[Any, list[float]]:
    """The error that a call ends with, and when the server was asked."""
    with (
        scripted_server(script) as server,
        ThriveClient(server.address, "token", patience=timedelta(seconds=patience)) as thrive,
        pytest.raises(ThriveError) as ended,
    ):
        call(thrive)
    return ended.value, server.asked_at


def drip(first: bytes, drop: bytes) -> Iterator[bytes]:
    """An answer that takes six seconds, and is never silent for long."""
    yield first
    for _ in range(30):
        time.sleep(0.2)
        yield drop


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-Drop: 1\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n", b" "),
    ],
    ids=["head", "body"],
)
def test_an_answer_that_drips_is_waited_for_no_longer_than_patience_lasts(
    first: bytes, drop: bytes
) -> None:
    began = time.monotonic()
    error, _ = raised(lambda _: drip(first, drop))

    assert type(error) is NetworkError
    assert time.monotonic() - began < 1 + SLOW


@pytest.mark.parametrize("at", ["0", LONG_AGO])
def test_a_busy_server_is_left_in_peace_even_if_it_asks_to_come_back_at_once(at: str) -> None:
    error, asked_at = raised(lambda _: answer(429, PROBLEM, Retry_After=at))

    assert (type(error), error.idempotency_key) == (UnavailableError, KEY)
    assert len(asked_at) <= 4


@pytest.mark.parametrize(
    ("headers", "poll_after"),
    [
        ({"Retry_After": "0"}, 100),
        ({"Retry_After": LONG_AGO}, 100),
        ({"Preference_Applied": "wait=1"}, 100),
        ({}, 1),
        ({}, -5),
    ],
)
def test_polls_have_a_tenth_of_a_second_between_them_whatever_is_asked_for(
    headers: dict[str, str], poll_after: int
) -> None:
    queued = job("QUEUED", pollAfterMs=poll_after)
    error, asked_at = raised(lambda _: answer(202, queued, **headers))

    assert (type(error), error.job_id) == (UndecidedError, "01a2")
    # the last one comes with the end of patience, however soon that is
    assert all(later - sooner > 0.09 for sooner, later in pairwise(asked_at[:-1]))
    assert 1 < len(asked_at) <= 12


RESENT = {"id": "m", "kind": "MAIL", "status": "PENDING"}


@pytest.mark.parametrize(
    "body",
    [{}, [], b"NaN", {"portal": "login"}, RESENT, job("PAUSED"), job("QUEUED", pollAfterMs="1")],
    ids=str,
)
def test_json_that_is_no_job_is_told_at_once_and_asked_for_once(body: Any) -> None:
    error, asked_at = raised(lambda _: answer(200, body))

    assert (type(error), error.code) == (RequestError, "not_a_job")
    assert (error.idempotency_key, len(asked_at)) == (KEY, 1)


@pytest.mark.parametrize(
    "call", [lambda thrive: thrive.get_job("01a2"), lambda thrive: thrive.withdraw("01a2")]
)
def test_a_job_that_is_asked_for_is_a_job(call: Call) -> None:
    error, _ = raised(lambda _: answer(200, {}), call)

    assert error.code == "not_a_job"


def test_that_nothing_is_new_is_no_answer_to_a_submit() -> None:
    error, _ = raised(lambda _: answer(304, b""))

    assert (type(error), error.status, error.idempotency_key) == (RequestError, 304, KEY)


@pytest.mark.parametrize(
    ("answered", "kind"),
    [
        (answer(200, b"[" * 200_000), NetworkError),
        (answer(503, PROBLEM, Retry_After="9" * 5000), UnavailableError),
    ],
    ids=["deep", "late"],
)
def test_an_answer_that_python_cannot_read_is_an_error_of_ours(
    answered: list[bytes], kind: type[ThriveError]
) -> None:
    error, _ = raised(lambda _: answered, patience=0.2)

    assert (type(error), error.idempotency_key) == (kind, KEY)


def test_a_problem_without_words_is_not_quoted() -> None:
    wordless = {"code": 1, "detail": None, "message": None}
    rejected, _ = raised(lambda _: answer(422, wordless))
    refused, _ = raised(lambda _: answer(200, job("REFUSED", error={"portal": "login"})))

    assert rejected.message == "The server didn't take this: HTTP 422."
    assert (type(refused), refused.message, refused.problem) == (
        RefusedError,
        "This was refused.",
        None,
    )


@pytest.mark.parametrize("trouble", [KeyError, KeyboardInterrupt])
def test_what_is_not_ours_says_which_request_it_interrupted(trouble: type[BaseException]) -> None:
    tokens = ["first", "second", "third"]

    def token() -> str:
        if not tokens:
            raise trouble
        return tokens.pop()

    with (
        scripted_server(lambda _: answer(202, job("QUEUED"))) as server,
        ThriveClient(server.address, token) as thrive,
    ):
        with pytest.raises(trouble) as submitted:
            book(thrive)
        tokens.append("fourth")
        with pytest.raises(trouble) as followed:
            thrive.follow_job("01a2")

    assert submitted.value.__notes__ == ["job_id: 01a2", f"idempotency_key: {KEY}"]
    assert followed.value.__notes__ == ["job_id: 01a2"]


def test_who_follows_a_job_without_an_answer_is_told_which_it_was() -> None:
    error, _ = raised(lambda _: [], lambda thrive: thrive.follow_job("01a2"), patience=0.2)

    assert (type(error), error.job_id) == (NetworkError, "01a2")


def test_a_server_that_is_not_there_is_told_with_one_cause() -> None:
    address = f"http://127.0.0.1:{free_port()}"
    with (
        ThriveClient(address, "token", patience=timedelta(seconds=0.2)) as thrive,
        pytest.raises(NetworkError) as ended,
    ):
        thrive.get_course_packages()
    told = "".join(traceback.format_exception(ended.value))

    assert told.count("direct cause of") == 1
    assert "During handling" not in told
    assert "site-packages" not in told


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("booking.school.example", "http://"),
        ("localhost:8000", "http://"),
        ("http://127.0.0.1:port", "no address"),
        ("ftp://booking.school.example", "http://"),
        ("http://", "host"),
        ("https://ada:lovelace@booking.school.example", "token"),
        ("https://booking.school.example/api", "/api"),
        ("https://booking.school.example/booking/api/", "/api"),
    ],
)
def test_an_address_that_cannot_be_the_servers_makes_no_client(address: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as refused:
        ThriveClient(address, "token")

    assert "lovelace" not in str(refused.value)


@pytest.mark.parametrize(("end", "before"), [("", ""), ("/", ""), ("/booking/", "/booking")])
def test_an_address_may_end_in_a_slash_and_have_a_path(end: str, before: str) -> None:
    with (
        scripted_server(lambda _: answer(200, [])) as server,
        ThriveClient(server.address + end, "token") as thrive,
    ):
        thrive.get_course_packages()

    assert server.paths == [f"{before}/api/students/me/course-packages"]


@pytest.mark.parametrize(
    ("token", "key", "path"),
    [("a secret\r\n", "key", "/x"), ("token", "a\nkey", "/x"), ("token", "key", "/\0")],
)
def test_what_cannot_be_sent_is_told_and_no_token_quoted(token: str, key: str, path: str) -> None:
    with (
        scripted_server(lambda _: answer(200, job("SUCCEEDED"))) as server,
        ThriveClient(server.address, token) as thrive,
        pytest.raises(ValueError, match="can't be sent") as refused,
    ):
        thrive.submit("POST", path, idempotency_key=key)

    assert "secret" not in "".join(traceback.format_exception(refused.value))
