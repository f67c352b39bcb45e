"""The strict JSON body: reliability.md's bad input 6 to 13 and 17, without the server."""

import gzip
import json
import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.api.body import parse_json
from app.api.problem import Problem

URL = "/api/probe/body"
GOOD = {"courseStepOptionId": 7}


def post(
    client: FlaskClient, body: bytes | str, content_type: str | None = "application/json"
) -> TestResponse:
    return client.post(URL, data=body, content_type=content_type)


def test_a_good_body_reaches_the_view_in_snake_case(open_client: FlaskClient) -> None:
    answer = post(open_client, json.dumps({**GOOD, "sessionId": 9}))

    assert answer.json == {"got": {"course_step_option_id": 7, "session_id": 9}}


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"],
)
def test_json_in_utf_8_may_be_announced_in_any_spelling(
    open_client: FlaskClient, content_type: str | None
) -> None:
    assert post(open_client, json.dumps(GOOD), content_type).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/problem+json",
        "application/json; charset=latin-1",
        "application/jsonp",
        ";",
    ],
)
def test_a_body_that_is_not_announced_as_json_is_a_415(
    open_client: FlaskClient, content_type: str | None
) -> None:
    answer = post(open_client, json.dumps(GOOD), content_type)

    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")
    assert answer.content_type == "application/problem+json"


def test_a_compressed_body_is_a_415(open_client: FlaskClient) -> None:
    answer = open_client.post(
        URL,
        data=gzip.compress(b"{}"),
        content_type="application/json",
        headers={"Content-Encoding": "gzip"},
    )

    assert answer.status_code == 415


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("{", id="truncated"),
        pytest.param('{"courseStepOptionId":7} x', id="trailing text"),
        pytest.param('{"courseStepOptionId":7,}', id="trailing comma"),
        pytest.param("{'courseStepOptionId':7}", id="single quotes"),
        pytest.param('{"courseStepOptionId":07}', id="leading zero"),
        pytest.param('{"courseStepOptionId":NaN}', id="NaN"),
        pytest.param('{"courseStepOptionId":Infinity}', id="Infinity"),
        pytest.param('{"courseStepOptionId":-Infinity}', id="minus infinity"),
        pytest.param('{"courseStepOptionId":1e999}', id="a float beyond floats"),
        pytest.param('{"courseStepOptionId":7,"courseStepOptionId":8}', id="duplicate keys"),
        pytest.param('{"x":{"a":1,"\\u0061":2}}', id="duplicate keys, nested and escaped"),
        pytest.param('{"courseStepOptionId":' + "9" * 5000 + "}", id="5,000 digits"),
        pytest.param("[" * 30_000, id="30,000 levels"),
        pytest.param("[" * 30_000 + "]" * 30_000, id="30,000 levels, closed"),
        pytest.param('{"a":' * 10_000 + "1" + "}" * 10_000, id="10,000 objects"),
        pytest.param(b'{"courseStepOptionId":7,"x":"\xff"}', id="not UTF-8"),
        pytest.param(b'{"x":"\xed\xa0\x80"}', id="a surrogate encoded in UTF-8"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
        pytest.param('{"courseStepOptionId":7}'.encode("utf-16"), id="UTF-16"),
        pytest.param('{"x":"a\nb"}', id="raw line break in text"),
        pytest.param("   ", id="blanks"),
    ],
)
def test_what_is_not_exactly_one_json_document_is_a_400(
    open_client: FlaskClient, body: Any
) -> None:
    answer = post(open_client, body)

    assert (answer.status_code, answer.json["code"]) == (400, "malformed_body")
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("content_type", [None, "application/json", "text/plain"])
def test_no_body_where_one_is_required_is_a_400(
    open_client: FlaskClient, content_type: str | None
) -> None:
    answer = post(open_client, b"", content_type)

    assert (answer.status_code, answer.json["code"]) == (400, "body_required")


def test_brackets_inside_text_are_no_nesting(open_client: FlaskClient) -> None:
    answer = post(open_client, json.dumps({**GOOD, "x": '[{"\\' * 1000}))

    assert answer.json["errors"] == {"x": ["Unknown field."]}


@pytest.mark.parametrize("body", ["[]", "null", '"x"', "1", "true", "[{}]"])
def test_a_document_that_is_no_object_is_a_422(open_client: FlaskClient, body: Any) -> None:
    answer = post(open_client, body)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_fields")
    assert list(answer.json["errors"]) == ["body"]


@pytest.mark.parametrize(
    "value",
    ["-1", "0", str(2**63), str(10**30), "true", "false", "1.0", "1e3", '"7"', "[]", "{}", "null"],
)
def test_what_is_no_id_is_a_422(open_client: FlaskClient, value: str) -> None:
    answer = post(open_client, f'{{"courseStepOptionId":{value}}}')

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["courseStepOptionId"]


@pytest.mark.parametrize("value", ["1", str(2**63 - 1)])
def test_the_first_and_the_last_id_are_ids(open_client: FlaskClient, value: str) -> None:
    answer = post(open_client, f'{{"courseStepOptionId":{value}}}')

    assert answer.json["got"] == {"course_step_option_id": int(value)}


def test_a_missing_field_is_named_as_it_is_sent(open_client: FlaskClient) -> None:
    assert list(post(open_client, "{}").json["errors"]) == ["courseStepOptionId"]


@pytest.mark.parametrize("extra", ["userId", "price", "status", "course_step_option_id", ""])
def test_an_unknown_field_is_a_422_even_when_it_is_null(
    open_client: FlaskClient, extra: str
) -> None:
    for value in (1, None):
        answer = post(open_client, json.dumps({**GOOD, extra: value}))

        assert answer.status_code == 422
        assert list(answer.json["errors"].values()) == [["Unknown field."]]


def test_an_unknown_field_with_an_unprintable_name_is_still_answered_in_utf_8(
    open_client: FlaskClient,
) -> None:
    answer = post(open_client, '{"courseStepOptionId":7,"\\ud800":1}')

    assert answer.json["errors"] == {"?": ["Unknown field."]}


def test_thousands_of_unknown_fields_make_a_short_answer(open_client: FlaskClient) -> None:
    answer = post(open_client, json.dumps({f"field{i}": 1 for i in range(4000)}))

    assert answer.status_code == 422
    assert len(answer.data) < 10_000


def test_null_in_an_optional_field_means_absent(open_client: FlaskClient) -> None:
    answer = post(open_client, json.dumps({**GOOD, "sessionId": None}))

    assert answer.json["got"] == {"course_step_option_id": 7}


def test_the_place_of_a_fault_in_a_list_is_named(open_client: FlaskClient) -> None:
    selections = [{"courseStepId": 1, "courseStepOptionId": 2}, {"courseStepId": True}]
    answer = open_client.post("/api/probe/bulk", json={"selections": selections})

    assert set(answer.json["errors"]) == {
        "selections[1].courseStepId",
        "selections[1].courseStepOptionId",
    }


def test_a_bulk_booking_has_its_default_mode_and_may_be_empty(open_client: FlaskClient) -> None:
    answer = open_client.post("/api/probe/bulk", json={"selections": [], "mode": None})

    assert answer.json["got"] == {"selections": [], "mode": "ALL_OR_NOTHING"}


def test_a_bulk_booking_names_a_step_once_and_at_most_50(open_client: FlaskClient) -> None:
    twice = [{"courseStepId": 1, "courseStepOptionId": option} for option in (2, 3)]
    many = [{"courseStepId": step, "courseStepOptionId": 1} for step in range(1, 52)]
    for selections in (twice, many):
        answer = open_client.post("/api/probe/bulk", json={"selections": selections})

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["selections"])


def delete(client: FlaskClient, body: bytes = b"", content_type: str | None = None) -> TestResponse:
    return client.delete(URL, data=body, content_type=content_type)


@pytest.mark.parametrize("content_type", [None, "application/json", "text/plain"])
def test_an_optional_body_may_be_absent(open_client: FlaskClient, content_type: str | None) -> None:
    assert delete(open_client, b"", content_type).json == {"got": {}}


def test_an_optional_body_is_read_when_it_is_there(open_client: FlaskClient) -> None:
    answer = delete(open_client, b'{"reason":"ill"}', "application/json")

    assert answer.json == {"got": {"reason": "ill"}}


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'{"reason":"ill"}', "text/plain", 415),
        (b'{"reason":"ill"}', None, 415),
        (b"{", "application/json", 400),
        (b"null", "application/json", 422),
        (b"[]", "application/json", 422),
    ],
)
def test_an_optional_body_that_is_there_has_to_be_right(
    open_client: FlaskClient, body: Any, content_type: str | None, status: int
) -> None:
    assert delete(open_client, body, content_type).status_code == status


@pytest.mark.parametrize("text", ["a\\u0000b", "\\ud800", "\\udc00\\ud800", "\\ud83d x"])
def test_text_that_the_database_can_not_hold_is_a_422(open_client: FlaskClient, text: str) -> None:
    answer = delete(open_client, f'{{"reason":"{text}"}}'.encode(), "application/json")

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["reason"])


def test_text_in_any_script_passes_up_to_500_characters(open_client: FlaskClient) -> None:
    longest = "\U0001f600" * 499 + "é"
    good = delete(open_client, json.dumps({"reason": longest}).encode(), "application/json")
    bad = delete(open_client, json.dumps({"reason": longest + "x"}).encode(), "application/json")

    assert good.json == {"got": {"reason": longest}}
    assert (bad.status_code, list(bad.json["errors"])) == (422, ["reason"])


def test_64_kib_are_read_and_one_byte_more_is_a_413(open_client: FlaskClient) -> None:
    body = json.dumps({**GOOD, "x": ""})
    longest = body.replace('""', '"' + "x" * (64 * 1024 - len(body)) + '"')

    assert len(longest) == 64 * 1024
    assert post(open_client, longest).status_code == 422
    assert post(open_client, longest + " ").json["code"] == "body_too_large"


@pytest.mark.parametrize("repeated", ['\\"', '"\\', '"'])
def test_a_body_of_broken_strings_is_refused_in_a_moment(repeated: str) -> None:
    body = ("[" * 33 + repeated * 65_000)[:65_000].encode()
    began = time.process_time()
    with pytest.raises(Problem):
        parse_json(body)
    # going back from every quote took 12 seconds
    assert time.process_time() - began < 1
