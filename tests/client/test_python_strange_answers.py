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
