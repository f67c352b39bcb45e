"""What becomes of deliveries whose endpoint was deleted."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from models.event_types import EventType
from models.webhook_claims import claim
from models.webhook_ending import DELETED, end_deleted
from models.webhook_endpoints import delete_endpoint, switch_endpoint
from models.webhook_finishing import Answer, finish
from tests.webhook_rows import ACTOR, deliveries, end_leases, endpoint, happens

BOOKED = EventType.STEP_BOOKED
ENDED = f"DEAD: {DELETED}"
TOLD = "concat_ws(': ', status, last_error)"


def delete(engine: Engine, endpoint_id: int = 1) -> None:
    with engine.begin() as db:
        assert delete_endpoint(db, endpoint_id, ACTOR)


def end(engine: Engine, limit: int = 10) -> int:
    with engine.begin() as db:
        return end_deleted(db, limit)


@pytest.fixture
def two_endpoints(engine: Engine) -> Engine:
    """Three events wait for the first, two for the second."""
    endpoint(engine, "https://one.example")
    happens(engine, BOOKED)
    endpoint(engine, "https://two.example")
    happens(engine, BOOKED, BOOKED)
    return engine


def test_what_waits_for_a_deleted_one_ends_and_says_why_and_no_others(
    two_endpoints: Engine,
) -> None:
    with two_endpoints.begin() as db:
        switch_endpoint(db, 2, ACTOR, enabled=False)
    assert end(two_endpoints) == 0
    delete(two_endpoints)
    assert end(two_endpoints) == 3
    assert deliveries(two_endpoints, TOLD) == [ENDED, ENDED, "PENDING", ENDED, "PENDING"]
    assert deliveries(two_endpoints, "(status = 'DEAD') = (finished_at IS NOT NULL)") == [True] * 5


def test_no_more_than_the_limit_ends_at_once(two_endpoints: Engine) -> None:
    delete(two_endpoints, 1)
    delete(two_endpoints, 2)
    assert [end(two_endpoints, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_what_a_sender_has_is_left_to_it_until_its_lease_is_over(engine: Engine) -> None:
    endpoint(engine, "https://one.example")
    happens(engine, *[BOOKED] * 3)
    with engine.begin() as db:
        arrives, fails, _dies = (claim(db, 1) for _ in range(3))
    delete(engine)
    assert end(engine) == 0
    assert arrives is not None
    assert fails is not None
    with engine.begin() as db:
        finish(db, arrives, Answer(200, None))
        finish(db, fails, Answer(500, "answered 500"))
    assert end(engine) == 1
    assert deliveries(engine, TOLD) == ["DELIVERED", ENDED, "SENDING"]
    end_leases(engine)
    assert end(engine) == 1
    assert deliveries(engine, TOLD) == ["DELIVERED", ENDED, ENDED]


def test_who_ends_some_at_the_same_time_is_not_waited_for(two_endpoints: Engine) -> None:
    delete(two_endpoints)
    with ThreadPoolExecutor() as pool, two_endpoints.begin() as other:
        assert end_deleted(other, 2) == 2
        assert pool.submit(end, two_endpoints).result(timeout=2) == 1
