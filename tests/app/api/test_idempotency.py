"""The Idempotency-Key header: reliability.md's bad input 1 and 3."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.api.idempotency import fingerprint

BODY = {"courseStepOptionId": 7}


def send(client: FlaskClient, key: str | None, body: dict[str, int] | None = None) -> TestResponse:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post("/api/probe/key", json=body or BODY, headers=headers)


@pytest.mark.parametrize("key", ["a", "x" * 255, "0199a0de-7b2c", '"quoted"', "!~{}[]:;="])
def test_visible_ascii_is_a_key(open_client: FlaskClient, key: str | None) -> None:
    assert send(open_client, key).json["got"][0] == key


def test_without_the_header_there_is_no_key(open_client: FlaskClient) -> None:
    assert send(open_client, None).json["got"][0] is None


@pytest.mark.parametrize(
    "key", ["", "x" * 256, "a b", "a,b", "a, b", "é", "a\tb", "a\x7fb", "\x01"]
)
def test_any_other_key_is_a_400(open_client: FlaskClient, key: str | None) -> None:
    answer = send(open_client, key)

    assert (answer.status_code, answer.json["code"]) == (400, "invalid_idempotency_key")


def test_a_fingerprint_ignores_the_order_of_keys_nulls_and_blanks(open_client: FlaskClient) -> None:
    texts = [
        '{"courseStepOptionId":7,"sessionId":9}',
        '{ "sessionId" : 9, "courseStepOptionId" : 7 }',
    ]
    prints = {
        open_client.post("/api/probe/key", data=text, content_type="application/json").json["got"][
            1
        ]
        for text in texts
    }

    assert len(prints) == 1
    assert (
        send(open_client, None, {**BODY, "sessionId": None}).json["got"][1]
        == (send(open_client, None).json["got"][1])
    )


@pytest.mark.parametrize("body", [{"courseStepOptionId": 8}, {**BODY, "sessionId": 7}])
def test_another_body_has_another_fingerprint(
    open_client: FlaskClient, body: dict[str, int] | None
) -> None:
    assert send(open_client, None, body).json["got"][1] != send(open_client, None).json["got"][1]


def test_method_path_and_large_ids_count_too() -> None:
    body = {"session_id": 2**63 - 1}
    prints = {
        fingerprint("POST", "/a", body),
        fingerprint("DELETE", "/a", body),
        fingerprint("POST", "/b", body),
        fingerprint("POST", "/a", {"session_id": 2**63 - 2}),
        fingerprint("POST", "/a", None),
    }

    assert len(prints) == 5
    assert {len(one) for one in prints} == {32}
