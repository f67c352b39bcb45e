"""`Prefer: wait` (RFC 7240): reliability.md's bad input 19."""

from datetime import timedelta

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from app.api.prefer import preference_applied, preferred_wait


def wait_of(*headers: str) -> float | None:
    builder = EnvironBuilder(headers=[("Prefer", header) for header in headers])
    wait = preferred_wait(Request(builder.get_environ()))
    return None if wait is None else wait.total_seconds()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=10", 10),
        ("Wait = 10", 10),
        ('wait="10"', 10),
        ("wait=0", 0),
        ("wait=30", 30),
        ("wait=31", 30),
        ("wait=99999", 30),
        ("wait=" + "9" * 500, 30),
        ("respond-async, wait=5", 5),
        ("respond-async;x=1, wait=5;y=2", 5),
        ('handling="a,wait=9", wait=5', 5),
        ("wait=5, wait=9", 5),
        ("wait=abc, wait=9", 9),
        ("return=minimal; wait=9, wait=4", 4),
    ],
)
def test_the_first_wait_is_taken_and_capped(header: str, seconds: float) -> None:
    assert wait_of(header) == seconds


@pytest.mark.parametrize(
    "header", ["", "wait", "wait=", "wait=-1", "wait=1.5", "wait=abc", "wait=1 0", "awaitx=5",
               "respond-async", ";wait=5", 'x="wait=5', "wait=\u0661", "wait=" + "9" * 5000]
)  # fmt: skip
def test_rubbish_is_ignored(header: str) -> None:
    assert wait_of(header) is None


def test_without_the_header_there_is_no_wait() -> None:
    assert wait_of() is None


def test_several_headers_are_one_list() -> None:
    assert wait_of("respond-async", "wait=7") == 7


def test_what_was_applied_is_said_in_whole_seconds() -> None:
    assert preference_applied(timedelta(seconds=30)) == {"Preference-Applied": "wait=30"}
