"""Every error is a problem, and tells nothing that isn't the sender's business."""

from typing import Never

import pytest
from flask import Response, abort
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from app.api.problem import KINDS

MEMBERS = ["type", "title", "status", "code", "detail", "message"]


def test_a_problem_has_the_members_of_rfc_9457_and_a_sentence_for_people(
    open_client: FlaskClient,
) -> None:
    answer = open_client.get("/nowhere")

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert list(answer.json) == MEMBERS
    assert answer.json["status"] == 404
    assert answer.json["code"] == "not_found"
    assert answer.json["type"] == "/api/docs#problem-not_found"
    assert answer.json["message"].endswith(".")


def test_the_type_of_each_problem_is_explained_where_it_points(open_client: FlaskClient) -> None:
    page = open_client.get("/api/docs").text

    assert all(f'id="problem-{code}"' in page for code in KINDS)


def test_a_method_that_is_not_allowed_names_those_that_are(open_client: FlaskClient) -> None:
    answer = open_client.put("/api/probe/body")

    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "DELETE, OPTIONS, POST"


def test_an_invented_method_is_a_405(open_client: FlaskClient) -> None:
    assert open_client.open("/api/probe/body", method="BREW").status_code == 405


@pytest.mark.parametrize("how", ["defect", "wrong-sql"])
def test_a_defect_is_a_500_that_says_nothing_and_a_log_line_that_says_all(
    open_client: FlaskClient, how: str
) -> None:
    with capture_logs() as lines:
        answer = open_client.get(f"/api/probe/fails/{how}")

    assert (answer.status_code, answer.json["code"]) == (500, "internal_error")
    assert list(answer.json) == MEMBERS
    assert "secret" not in answer.text.lower()
    assert "select" not in answer.text.lower()
    line = next(line for line in lines if line["event"] == "unexpected_error")
    assert "secret" in str(line["exc_info"])


@pytest.mark.parametrize("how", ["database-away", "pool-exhausted", "connection-cut"])
def test_a_database_that_is_away_is_a_503_that_says_when_to_come_back(
    open_client: FlaskClient, how: str
) -> None:
    with capture_logs() as lines:
        answer = open_client.get(f"/api/probe/fails/{how}")

    assert (answer.status_code, answer.json["code"]) == (503, "database_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert "secret" not in answer.text.lower()
    assert "secret" not in str(lines)


def test_an_answer_that_can_not_be_finished_is_a_500_problem_too(client: FlaskClient) -> None:
    @client.application.after_request
    def _fail(_response: Response) -> Never:
        raise RuntimeError("secret")

    client.application.testing = False
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")


def test_a_status_of_the_framework_without_a_kind_of_its_own_keeps_its_name(
    client: FlaskClient,
) -> None:
    client.application.view_functions["probe.slow"] = lambda: abort(410)
    answer = client.get("/api/probe/slow")

    assert (answer.status_code, answer.json["code"]) == (410, "gone")
    assert list(answer.json) == MEMBERS


def test_an_address_of_more_than_8_kib_is_a_414(open_client: FlaskClient) -> None:
    answer = open_client.get("/api/probe/query?x=" + "y" * 8192)

    assert (answer.status_code, answer.json["code"]) == (414, "uri_too_long")


def test_headers_of_64_kib_are_a_431(open_client: FlaskClient) -> None:
    answer = open_client.get("/api/probe/query", headers={"X-Big": "y" * 65536})

    assert (answer.status_code, answer.json["code"]) == (431, "headers_too_large")


@pytest.mark.parametrize("host", ["a b", "evil\\.example", "x" * 300, ""])
def test_a_strange_host_is_no_defect(open_client: FlaskClient, host: str) -> None:
    answer = open_client.get("/healthz", headers={"Host": host})

    assert answer.status_code in (200, 400)
