"""Sign-in at the edge: reliability.md's bad input 18."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event

from app.settings import Settings
from tests.app.api.probe_app import (
    DELETED,
    STAFF,
    STUDENT,
    ProbeRuntime,
    bearer,
    probe_app,
    probe_settings,
)


def test_a_valid_token_says_who_is_asking(client: FlaskClient, settings: Settings) -> None:
    assert client.get("/api/mine", headers=bearer(STUDENT, settings)).json == {"got": STUDENT}


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_scheme_is_read_in_any_case(
    client: FlaskClient, settings: Settings, scheme: str
) -> None:
    token = bearer(STUDENT, settings)["Authorization"].split()[1]
    answer = client.get("/api/mine", headers={"Authorization": f"{scheme} {token}"})

    assert answer.status_code == 200


@pytest.mark.parametrize("header", [None, "", "Basic dTpw", "Bearer", "Token x", "x"])
def test_no_token_is_a_401_that_asks_for_one(client: FlaskClient, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = client.get("/api/mine", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="thrive"')
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("header", ["Bearer x", "Bearer a.b.c", "Bearer a b", "Bearer \xe9.b.c"])
def test_a_bad_token_is_a_401_that_says_so(client: FlaskClient, header: str | None) -> None:
    answer = client.get("/api/mine", headers={"Authorization": header})

    assert (answer.status_code, answer.json["code"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_token_of_a_user_who_was_deleted_is_a_401(
    client: FlaskClient, settings: Settings
) -> None:
    answer = client.get("/api/mine", headers=bearer(DELETED, settings))

    assert (answer.status_code, answer.json["code"]) == (401, "invalid_token")


def test_a_token_is_asked_for_before_the_body_is_looked_at(client: FlaskClient) -> None:
    answer = client.post("/api/mine/packages/1/steps/1/change-session", data=b"{")

    assert answer.status_code == 401


def test_an_unknown_path_is_a_404_and_a_wrong_method_a_405_without_a_token(
    client: FlaskClient,
) -> None:
    assert client.get("/api/mine/nothing").status_code == 404
    assert client.put("/api/mine").status_code == 405


def test_a_view_for_staff_refuses_students_with_a_403(
    client: FlaskClient, settings: Settings
) -> None:
    student = client.get("/api/mine/staff", headers=bearer(STUDENT, settings))
    staff = client.get("/api/mine/staff", headers=bearer(STAFF, settings))

    assert (student.status_code, student.json["code"]) == (403, "forbidden")
    assert staff.json == {"got": STAFF}


def test_the_connection_is_given_back_when_the_request_ends(
    client: FlaskClient, settings: Settings, runtime: ProbeRuntime
) -> None:
    moves = []
    event.listen(runtime.engine, "checkout", lambda *_: moves.append("out"))
    event.listen(runtime.engine, "checkin", lambda *_: moves.append("back"))
    for path in ("/api/mine", "/api/mine/staff"):
        client.get(path, headers=bearer(STUDENT, settings))

    assert moves == ["out", "back"] * 2


def test_a_database_that_is_away_at_sign_in_is_a_503(
    client: FlaskClient, settings: Settings, runtime: ProbeRuntime
) -> None:
    runtime.engine = create_engine("sqlite:////nowhere/at/all.db")
    answer = client.get("/api/mine", headers=bearer(STUDENT, settings))

    assert (answer.status_code, answer.json["code"]) == (503, "database_unavailable")


def test_while_the_issuers_keys_can_not_be_read_signing_in_is_a_503(settings: Settings) -> None:
    nobody_listens = probe_settings(JWT_JWKS_URL="http://127.0.0.1:9/jwks.json")
    client = probe_app(nobody_listens).test_client()
    answer = client.get("/api/mine", headers=bearer(STUDENT, settings))

    assert (answer.status_code, answer.json["code"]) == (503, "sign_in_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
