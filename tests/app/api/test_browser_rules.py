"""Security headers, and which other sites may call."""

import pytest
from flask.testing import FlaskClient

from tests.app.api.probe_app import probe_app, probe_settings

SITE = "https://school.example"
PREFLIGHT = {"Origin": SITE, "Access-Control-Request-Method": "POST"}
MINE = "/api/mine/packages/1/steps/1/change-session"


@pytest.fixture(scope="module")
def friendly() -> FlaskClient:
    settings = probe_settings(CORS_ORIGINS=SITE, PUBLIC_URL="https://booking.school.example")
    return probe_app(settings).test_client()


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/api/mine", "/api/docs"])
def test_every_answer_is_protected(open_client: FlaskClient, path: str) -> None:
    headers = open_client.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Cache-Control" in headers
    assert "Strict-Transport-Security" not in headers


def test_a_site_with_https_keeps_browsers_on_it(friendly: FlaskClient) -> None:
    assert friendly.get("/healthz").headers["Strict-Transport-Security"] == "max-age=31536000"


def test_no_other_site_may_call_unless_it_is_listed(
    open_client: FlaskClient, friendly: FlaskClient
) -> None:
    for client, origin in ((open_client, SITE), (friendly, "https://evil.example")):
        answer = client.options(MINE, headers={**PREFLIGHT, "Origin": origin})

        assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_listed_site_is_answered_before_anybody_signs_in(friendly: FlaskClient) -> None:
    answer = friendly.options(MINE, headers=PREFLIGHT)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    allowed = answer.headers["Access-Control-Allow-Headers"].split(", ")
    assert {"Authorization", "Content-Type", "Idempotency-Key"} <= set(allowed)
    assert {"If-None-Match", "Prefer"} <= set(allowed)
    assert "DELETE" in answer.headers["Access-Control-Allow-Methods"]


def test_a_listed_site_can_read_errors_and_the_contracts_headers(friendly: FlaskClient) -> None:
    answer = friendly.get("/api/mine", headers={"Origin": SITE})

    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"Retry-After", "Location", "ETag", "Content-Disposition"} <= set(exposed)
    assert {"Idempotency-Replayed", "Preference-Applied"} <= set(exposed)
    assert "Origin" in answer.headers["Vary"]
