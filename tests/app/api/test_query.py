"""Query strings."""

import pytest
from flask.testing import FlaskClient


def test_a_query_has_its_defaults_and_unknown_parameters_are_ignored(
    open_client: FlaskClient,
) -> None:
    assert open_client.get("/api/probe/query?utm=x&limitt=0").json == {"got": {"limit": "50"}}


def test_instants_of_a_query_are_read_as_utc(open_client: FlaskClient) -> None:
    answer = open_client.get("/api/probe/query?from=2026-03-01T01:30:00%2B02:00&limit=200")

    assert answer.json["got"] == {"from_": "2026-02-28 23:30:00+00:00", "limit": "200"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=1000000000", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("limit=", "limit"),
        ("limit=1_0", "limit"),
        ("limit=%205", "limit"),
        ("limit=5.0", "limit"),
        ("limit=%EF%BC%91", "limit"),
        ("from=yesterday", "from"),
        ("from=2026-03-01", "from"),
        ("from=2026-03-01T10:00:00", "from"),
        ("from=2026-02-30T10:00:00Z", "from"),
        ("from=2026-W01-1T10:00:00Z", "from"),
        ("to=0001-01-01T00:00:00%2B23:59", "to"),
        ("to=", "to"),
        ("to=%00", "to"),
    ],
)
def test_a_wrong_parameter_is_a_422_that_names_it(
    open_client: FlaskClient, query: str, field: str
) -> None:
    answer = open_client.get(f"/api/probe/query?{query}")

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
