"""ETags of answers to GET."""

from flask.testing import FlaskClient

JOB = "/api/probe/jobs/0199a0de-7b2c-7d33-8a55-0c9f0f6b2a11"
OTHER = "/api/probe/jobs/0199a0de-7b2c-7d33-8a55-0c9f0f6b2a12"


def test_the_same_bytes_have_the_same_strong_etag(open_client: FlaskClient) -> None:
    first, second = (open_client.get(JOB).headers["ETag"] for _ in range(2))

    assert first == second
    assert first.startswith('"')
    assert first != open_client.get(OTHER).headers["ETag"]


def test_a_known_etag_is_answered_304_without_a_body(open_client: FlaskClient) -> None:
    etag = open_client.get(JOB).headers["ETag"]
    for sent in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = open_client.get(JOB, headers={"If-None-Match": sent})

        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["ETag"] == etag


def test_another_etag_or_rubbish_gets_the_answer(open_client: FlaskClient) -> None:
    for sent in ('"x"', "x", "", '"'):
        assert open_client.get(JOB, headers={"If-None-Match": sent}).status_code == 200


def test_head_has_the_etag_of_get(open_client: FlaskClient) -> None:
    assert open_client.head(JOB).headers["ETag"] == open_client.get(JOB).headers["ETag"]
