"""The probes."""

from typing import Never

from flask.testing import FlaskClient

from tests.app.api.probe_app import ProbeRuntime, with_readiness


def broken() -> Never:
    raise ConnectionError("secret host")


def test_the_process_says_that_it_is_alive(open_client: FlaskClient) -> None:
    assert open_client.get("/healthz").json == {"status": "ok"}


def test_a_process_that_can_serve_is_ready(open_client: FlaskClient) -> None:
    answer = open_client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json == {
        "status": "ready",
        "database": True,
        "broker": True,
        "workerSeenSecondsAgo": 1.5,
        "oldestQueuedSeconds": None,
    }


def test_a_database_that_is_away_or_not_migrated_is_a_503(
    client: FlaskClient, runtime: ProbeRuntime
) -> None:
    for question in (broken, lambda: False):
        with_readiness(runtime, database=question)
        answer = client.get("/readyz")

        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.content_type == "application/problem+json"
        assert (answer.json["code"], answer.json["database"]) == ("database_unavailable", False)
        assert answer.json["broker"] is True
        assert "secret" not in answer.text


def test_whatever_else_is_broken_is_reported_and_not_required(
    client: FlaskClient, runtime: ProbeRuntime
) -> None:
    with_readiness(
        runtime, broker=broken, worker_seen_seconds_ago=broken, oldest_queued_seconds=broken
    )
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json["broker"] is False
    assert answer.json["workerSeenSecondsAgo"] is None
    assert answer.json["oldestQueuedSeconds"] is None


def test_requests_are_counted_by_route_and_never_by_path(open_client: FlaskClient) -> None:
    open_client.get("/api/probe/packages/123456789")
    open_client.open("/no/such/hidden-path", method="BREW")
    metrics = open_client.get("/metrics")

    assert metrics.content_type.startswith("text/plain")
    counted = 'method="GET",route="/api/probe/packages/<id:package_id>",status="200"'
    assert f"thrive_http_requests_total{{{counted}}}" in metrics.text
    assert 'method="OTHER",route="unmatched",status="404"' in metrics.text
    assert "123456789" not in metrics.text
    assert "hidden-path" not in metrics.text
