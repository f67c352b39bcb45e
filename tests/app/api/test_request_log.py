"""The request's log line and id: reliability.md's bad input 16."""

import json
import logging

import pytest
import structlog
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from app.structured_log import configure_logging


def test_the_line_has_the_route_and_nothing_that_was_sent(open_client: FlaskClient) -> None:
    with capture_logs() as lines:
        open_client.get(
            "/api/probe/packages/123456789?email=eve@example.com",
            headers={"Authorization": "Bearer secret"},
        )

    line = next(line for line in lines if line["event"] == "request")
    assert line["route"] == "/api/probe/packages/<id:package_id>"
    assert (line["method"], line["status"]) == ("GET", 200)
    assert not any(sent in str(lines) for sent in ("123456789", "eve@", "secret"))


def test_an_id_from_a_proxy_is_kept(open_client: FlaskClient) -> None:
    answer = open_client.get("/healthz", headers={"X-Request-Id": "abc-123"})

    assert answer.headers["X-Request-Id"] == "abc-123"


@pytest.mark.parametrize("sent", ["", "a b", "x" * 65, 'a","level":"error', "é", "a\tb"])
def test_an_id_that_could_do_harm_is_replaced(open_client: FlaskClient, sent: str) -> None:
    kept = open_client.get("/healthz", headers={"X-Request-Id": sent}).headers["X-Request-Id"]

    assert kept != sent
    assert len(kept) == 32


def test_a_line_break_in_a_value_makes_no_second_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    structlog.get_logger("test").warning("name", value='x\r\n{"event":"forged"}')
    logging.getLogger("library").warning("from a library: %s", "a\nb")
    lines = capsys.readouterr().err.splitlines()

    assert [json.loads(line)["event"] for line in lines] == ["name", "from a library: a\nb"]


def test_configuring_twice_logs_once(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    configure_logging()
    structlog.get_logger("test").warning("once")

    assert len(capsys.readouterr().err.splitlines()) == 1
