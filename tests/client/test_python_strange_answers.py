"""app/client.py with servers that make no sense: it ends in time, and in errors of its own."""

import traceback

import pytest

from app.client import (
    ThriveClient,
)
from tests.client.scripted_server import answer, job, scripted_server


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
