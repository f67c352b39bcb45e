"""Sending events to a real HTTP server, which checks what it gets by the scheme's own library."""

import socket
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, event, text
from standardwebhooks import WebhookVerificationError

from models.auditing import Actor
from models.event_types import EventType
from models.webhook_claims import PLACES
from models.webhook_deliveries import queue_test, replay
from models.webhook_endpoints import delete_endpoint, rotate_secret
from tasks import webhook_exchange
from tasks.ending import ENDING
from tasks.webhooks import send_webhooks, wake_webhooks
from tasks.worker_state import WorkerState
from tests.receiver import Receiver, receiving
from tests.tasks.this_worker import working_with
from tests.webhook_rows import ACTOR, change, deliveries, endpoint, happens, make_due

pytestmark = pytest.mark.usefixtures("senders")

BOOKED = EventType.STEP_BOOKED
DATA = {"studentId": 7, "sessionId": 9, "text": "Größe 🧘"}


@pytest.fixture
def receiver() -> Any:
    with receiving() as receiver:
        yield receiver


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def logged(engine: Engine) -> list[str]:
    with engine.connect() as db:
        return [str(id_) for id_ in db.scalars(text("SELECT id FROM event_log ORDER BY position"))]


def test_an_event_arrives_signed_and_as_the_log_has_it(engine: Engine, receiver: Receiver) -> None:
    made = endpoint(engine, receiver.url())
    [id_] = happens(engine, BOOKED, data=DATA)
    before = int(time.time())
    assert send_webhooks(made.id) == 1

    [received] = receiver.received
    event = received.verified_by(made.secret)
    with engine.connect() as db:
        at = db.scalar(text("SELECT timestamp FROM event_log"))
    assert event == {
        "id": str(id_),
        "cursor": 1,
        "type": BOOKED,
        "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": DATA,
    }
    assert received.id == str(id_)
    assert before <= int(received.headers["webhook-timestamp"]) <= time.time()
    assert received.headers["content-type"] == "application/json"
    assert received.headers["user-agent"] == "Thrive-Booking/1"
    with pytest.raises(WebhookVerificationError):
        received.verified_by(made.secret.replace("whsec_", "whsec_AAAA"))
    assert deliveries(engine) == ["DELIVERED"]


def test_the_whole_of_a_url_arrives(engine: Engine, receiver: Receiver) -> None:
    path = "/hook;token=abc;?x=1&y=%2F;z"
    made = endpoint(engine, receiver.url(path))
    happens(engine, BOOKED)
    assert send_webhooks(made.id) == 1

    [received] = receiver.received
    assert received.path == path
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("allowed", [True, False])
def test_a_literal_ipv6_address_is_named_in_brackets_and_only_sent_to_where_it_may_be(
    engine: Engine, senders: WorkerState, *, allowed: bool
) -> None:
    with (
        receiving(address="::1") as receiver,
        working_with(replace(senders, webhook_allow_private=allowed)),
    ):
        made = endpoint(engine, receiver.url())
        assert made.url == f"http://[::1]:{receiver.port}/ok"
        happens(engine, BOOKED)
        assert send_webhooks(made.id) == int(allowed)
    hosts = [received.headers["host"] for received in receiver.received]
    assert hosts == [f"[::1]:{receiver.port}"] * int(allowed)
    if allowed:
        assert receiver.received[0].verified_by(made.secret)["type"] == BOOKED
    refused = "its address isn't one of the public internet"
    assert deliveries(engine, "last_error") == [None if allowed else refused]
    assert deliveries(engine) == ["DELIVERED" if allowed else "PENDING"]


def test_after_a_rotation_both_secrets_verify_and_later_the_new_one_alone(
    engine: Engine, receiver: Receiver
) -> None:
    made = endpoint(engine, receiver.url())
    now = datetime.now(UTC)
    with engine.begin() as db:
        new = rotate_secret(db, made.id, Actor(1, "192.0.2.7", now))
    happens(engine, BOOKED)
    assert send_webhooks(made.id) == 1
    change(engine, "UPDATE webhook_endpoint SET previous_secret_until = now()")
    happens(engine, BOOKED)
    assert send_webhooks(made.id) == 1

    both, alone = receiver.received
    assert new is not None
    for secret in (made.secret, new.secret):
        both.verified_by(secret)
    alone.verified_by(new.secret)
    with pytest.raises(WebhookVerificationError):
        alone.verified_by(made.secret)
    assert len(alone.headers["webhook-signature"].split(" ")) == 1


def test_each_attempt_and_replay_has_the_same_id_and_body_and_a_time_of_its_own(
    engine: Engine, receiver: Receiver
) -> None:
    made = endpoint(engine, receiver.url())
    statuses = iter([500, 200, 200])
    receiver.answer = lambda handler, _: handler.reply(next(statuses))  # type: ignore[attr-defined]  # by its type a method
    happens(engine, BOOKED)
    assert send_webhooks(made.id) == 0
    make_due(engine)
    time.sleep(1.01)  # the scheme's times are whole seconds
    assert send_webhooks(made.id) == 1
    with engine.begin() as db:
        assert replay(db, made.id, 0, ACTOR).queued == 1  # type: ignore[union-attr]  # it is there
    assert send_webhooks(made.id) == 1

    assert len({one.id for one in receiver.received}) == 1
    assert len({one.body for one in receiver.received}) == 1
    first, second, _ = [int(one.headers["webhook-timestamp"]) for one in receiver.received]
    assert first < second
    for one in receiver.received:
        one.verified_by(made.secret)


def test_a_test_is_sent_like_any_event(engine: Engine, receiver: Receiver) -> None:
    made = endpoint(engine, receiver.url(), EventType.SESSION_MOVED)
    with engine.begin() as db:
        queued: Any = queue_test(db, made.id, ACTOR)
    assert send_webhooks(made.id) == 1
    event = receiver.received[0].verified_by(made.secret)
    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "id": str(queued.event_id),
        "cursor": None,
        "type": "webhook.test",
        "data": {},
    }


@pytest.mark.parametrize(
    "failure",
    [
        ("/500", 500, "answered 500"),
        ("/404", 404, "answered 404"),
        ("/to-private", 302, "answered 302"),
        ("/close", None, "broke off: RemoteProtocolError"),
        ("/hang", None, "took too long"),
    ],
)
def test_whatever_is_no_success_is_tried_again_later(
    engine: Engine,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    failure: tuple[str, int | None, str],
) -> None:
    hasty = partial(webhook_exchange.Network, seconds=0.3)
    monkeypatch.setattr(webhook_exchange, "Network", hasty)
    path, status, error = failure
    made = endpoint(engine, receiver.url(path))
    happens(engine, BOOKED)
    assert send_webhooks(made.id) == 0
    with engine.connect() as db:
        row = db.execute(
            text(
                "SELECT status, attempts, response_status, last_error,"
                " next_attempt_at > now() AS later FROM webhook_delivery"
            )
        ).one()
    assert tuple(row) == ("PENDING", 1, status, error, True)
    assert [one.path for one in receiver.received] == [path]
    receiver.let_go.set()


def test_a_410_ends_all_sending(engine: Engine, receiver: Receiver) -> None:
    made = endpoint(engine, receiver.url("/410"))
    happens(engine, BOOKED, BOOKED)
    assert send_webhooks(made.id) == 0
    assert deliveries(engine) == ["DEAD", "PENDING"]
    assert send_webhooks(made.id) == 0
    assert len(receiver.received) == 1


def test_one_task_sends_all_that_is_due_in_the_order_of_the_log(
    engine: Engine, receiver: Receiver
) -> None:
    made = endpoint(engine, receiver.url())
    happens(engine, *[BOOKED] * 30)
    assert send_webhooks(made.id) == 30
    assert receiver.ids() == logged(engine)


def test_a_task_that_fails_for_a_while_leaves_its_thread_to_others_and_wakes_who_goes_on(
    engine: Engine, receiver: Receiver, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.webhooks.WORK_SECONDS_IN_VAIN", 0.2)
    receiver.answer = lambda handler, _: (time.sleep(0.15), handler.reply(500))  # type: ignore[attr-defined]  # by its type a method
    made = endpoint(engine, receiver.url())
    happens(engine, *[BOOKED] * 10)
    assert send_webhooks(made.id) == 0
    assert len(receiver.received) == 2
    assert redis.llen("webhooks") == 1


def test_a_process_that_is_to_end_begins_nothing_new(engine: Engine, receiver: Receiver) -> None:
    made = endpoint(engine, receiver.url())
    happens(engine, BOOKED, BOOKED)

    def end(handler: Any, _: int) -> None:
        ENDING.set()
        handler.reply(200)

    receiver.answer = end
    try:
        assert send_webhooks(made.id) == 1
        assert send_webhooks(made.id) == 0
    finally:
        ENDING.clear()
    assert deliveries(engine) == ["DELIVERED", "PENDING"]


def test_any_number_of_senders_have_four_under_way_at_one_endpoint(
    engine: Engine, receiver: Receiver
) -> None:
    made = endpoint(engine, receiver.url("/slow"))
    receiver.answer = lambda handler, _: (time.sleep(0.1), handler.reply(200))  # type: ignore[attr-defined]  # by its type a method
    happens(engine, *[BOOKED] * 20)
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda: counts.append(send_webhooks(made.id))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 20
    assert sorted(counts)[: 8 - PLACES] == [0] * (8 - PLACES), "they found no place"
    assert receiver.most_under_way == PLACES
    assert sorted(receiver.ids("/slow")) == sorted(logged(engine))


def test_no_connection_to_the_database_is_held_while_an_endpoint_is_talked_to(
    engine: Engine, receiver: Receiver
) -> None:
    made = endpoint(engine, receiver.url())
    happens(engine, BOOKED)
    taken: list[int] = []

    def look(handler: Any, _: int) -> None:
        taken.append(engine.pool.checkedout())  # type: ignore[attr-defined]  # a QueuePool has it
        handler.reply(200)

    receiver.answer = look
    assert send_webhooks(made.id) == 1
    assert taken == [0]


def test_what_is_no_endpoint_is_left_alone(engine: Engine) -> None:
    for forged in ("1", True, None, 0, -1, 2**63, 10**30, {"id": 1}, 999):
        assert send_webhooks(forged) == 0  # type: ignore[arg-type]  # forged on purpose


def test_an_endpoint_is_locked_once_in_each_transaction(
    engine: Engine, receiver: Receiver, senders: WorkerState
) -> None:
    made = endpoint(engine, receiver.url())
    happens(engine, *[BOOKED] * 3)
    said: list[str] = []
    event.listen(senders.engine, "before_cursor_execute", lambda *about: said.append(about[2]))
    assert send_webhooks(made.id) == 3
    locks = [it for it in said if "FROM webhook_endpoint" in it and it.endswith("NO KEY UPDATE")]
    # to claim the first, and after each of the three
    assert len(locks) == 4


@pytest.mark.usefixtures("senders")
def test_what_waits_for_a_deleted_endpoint_is_ended_whoever_is_woken(engine: Engine) -> None:
    gone = endpoint(engine, "http://127.0.0.1:9/")
    happens(engine, *[BOOKED] * 5)
    with engine.begin() as db:
        delete_endpoint(db, gone.id, ACTOR)
    assert wake_webhooks() == 0
    assert deliveries(engine) == ["DEAD"] * 5


def test_senders_are_woken_once_for_what_is_due(
    engine: Engine, redis: Redis, senders: WorkerState
) -> None:
    made = endpoint(engine, "http://127.0.0.1:9/")
    assert wake_webhooks() == 0
    happens(engine, *[BOOKED] * 2)
    assert wake_webhooks() == 2
    assert wake_webhooks() == 0, "they are on their way"
    assert redis.llen("webhooks") == 2
    assert send_webhooks(made.id) == 0
    make_due(engine)
    assert wake_webhooks() == 1, "it fails, so one at a time"
