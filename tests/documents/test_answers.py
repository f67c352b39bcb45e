"""That an example with another answer than the one given is found, and what may differ isn't."""

import pytest

from tests.documents.answers import check_answer
from tests.documents.markdown import Block

HEAD = 'HTTP/1.1 200 OK\r\nETag: "0123456789012345678901234567890123456789"\r\nServer: x\r\n\r\n'
JOB = '{"id": 7, "status": "QUEUED", "at": "2026-01-02T03:04:05Z", "items": [1, 2], "done": null}'


def http(text: str) -> Block:
    return Block("docs/x.md", 1, "http", text)


def json(text: str) -> Block:
    return Block("docs/x.md", 1, "json", text)


@pytest.mark.parametrize(
    "shown",
    [
        json(JOB.replace("7", "8").replace("03:04", "13:14")),
        json('{"status": "QUEUED", "items": [1, "…"], "…": "…"}'),
        http('HTTP/1.1 200 OK\netag: "abcdef7890123456789012345678901234567890"\n\n' + JOB),
        http("HTTP/1.1 200 OK\n"),
    ],
)
def test_what_is_another_each_time_may_differ_and_be_left_out(shown: Block) -> None:
    check_answer(shown, HEAD + JOB if shown.language == "http" else JOB)


@pytest.mark.parametrize(
    "shown",
    [
        json(JOB.replace("QUEUED", "DONE")),
        json(JOB.replace("7", '"7"')),
        json(JOB.replace("null", "false")),
        json(JOB.replace("[1, 2]", "[1]")),
        json(JOB.replace("[1, 2]", '[1, 2, "…"]')),
        json(JOB.replace('"done"', '"ended"')),
        json('{"status": "QUEUED"}'),
        json(JOB.replace("2026-01-02T03:04:05Z", "soon")),
        http("HTTP/1.1 201 Created\n"),
        http("HTTP/1.1 200 OK\nServer: y\n"),
        http("HTTP/1.1 200 OK\nRetry-After: 1\n"),
        http('HTTP/1.1 200 OK\n\n{"id": 7}'),
    ],
)
def test_what_is_another_answer_is_found(shown: Block) -> None:
    with pytest.raises(AssertionError):
        check_answer(shown, HEAD + JOB if shown.language == "http" else JOB)
