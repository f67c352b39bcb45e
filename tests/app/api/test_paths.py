"""Ids in paths: whatever isn't one is an unknown path."""

import re

import pytest
from flask.testing import FlaskClient

from app.api.paths import IdConverter

JOB = "0199a0de-7b2c-7d33-8a55-0c9f0f6b2a11"


@pytest.mark.parametrize("text", ["1", "7", str(2**63 - 1)])
def test_an_id_reaches_the_view_as_a_number(open_client: FlaskClient, text: str) -> None:
    assert open_client.get(f"/api/probe/packages/{text}").json == {"got": int(text)}


def test_ids_up_to_the_largest_are_known_and_none_beyond_it() -> None:
    largest = 2**63 - 1
    near = {largest + difference for difference in range(-2000, 2001)}
    near |= {int(str(largest)[:length]) + more for length in range(1, 19) for more in (-1, 0, 1)}
    near |= {10**length + more for length in range(21) for more in (-1, 0, 1)}
    known = {number for number in near if re.fullmatch(IdConverter.regex, str(number))}
    assert known == {number for number in near if 1 <= number <= largest}


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_what_isnt_an_id_is_no_known_path_of_another_method(
    open_client: FlaskClient, method: str
) -> None:
    path = f"/api/students/me/course-packages/{2**63}/steps/1/waitlist"
    assert open_client.open(path, method=method).status_code == 404


@pytest.mark.parametrize(
    "text",
    ["0", "-1", "+1", "01", "1.0", "1e3", "true", "x", str(2**63), str(10**30), "9" * 5000, "%00",
     "%20", "1%0a", "%D9%A1", "%EF%BC%91", "%FF", "1/", "1//"],
)  # fmt: skip
def test_anything_else_is_a_404_with_the_same_body(open_client: FlaskClient, text: str) -> None:
    answer = open_client.get(f"/api/probe/packages/{text}")

    assert answer.status_code == 404
    assert answer.data == open_client.get("/nowhere").data


def test_a_job_id_is_a_lower_case_uuid(open_client: FlaskClient) -> None:
    assert open_client.get(f"/api/probe/jobs/{JOB}").json == {"got": JOB}


@pytest.mark.parametrize(
    "text", [JOB.upper(), JOB.replace("-", ""), f"{{{JOB}}}", JOB + "0", JOB[:-1], "1", JOB + "%0a"]
)
def test_no_other_spelling_of_a_job_id_is_known(open_client: FlaskClient, text: str) -> None:
    assert open_client.get(f"/api/probe/jobs/{text}").status_code == 404


@pytest.mark.parametrize("path", ["//api/probe/query", "/api//probe/query", "/api/probe/query/"])
def test_a_path_has_one_spelling_and_no_redirects(open_client: FlaskClient, path: str) -> None:
    assert open_client.get(path).status_code == 404
