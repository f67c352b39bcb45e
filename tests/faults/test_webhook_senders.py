"""Senders of webhooks that die, end or are held up: each event arrives, under its own id."""

import json
import random
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from models.event_listing import list_events
from models.event_types import EventType
from models.webhook_claims import PLACES
from tasks.webhook_message import write_body
from tests.backends import WORKERS, waiting_backends
from tests.faults.stack import WorkingStack
from tests.processes import Processes, Running, until
from tests.receiver import Receiver, receiving
from tests.webhook_rows import deliveries, end_leases, endpoint, happens, make_due

BOOKED = EventType.STEP_BOOKED
ENDS_WITHIN = 7
"""Seconds; the launcher kills after 6."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def start_senders(processes: Processes, threads: int = 16) -> Running:
    """The Procfile's process for webhooks, which may send to this machine."""
    return processes.start_worker(
        "webhooks", pool="threads", concurrency=threads, WEBHOOK_ALLOW_PRIVATE="true"
    )


def wake(processes: Processes) -> None:
    processes.send("tasks.webhooks.wake_webhooks", queue="webhooks")


class HeldUp:
    """Answers, and holds up whoever wants to note the first answer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock: Connection | None = None

    def __call__(self, handler: Any, number: int) -> None:
        if number == 1:
            self._lock = self._engine.connect()
            self._lock.execute(text("SELECT FROM webhook_endpoint FOR UPDATE"))
        handler.reply(200)

    def let_go(self) -> None:
        assert self._lock is not None
        self._lock.close()


def test_a_sender_killed_between_sending_and_noting_it_sends_the_same_id_again(
    stack: WorkingStack, receiver: Receiver
) -> None:
    engine = stack.school.engine
    made = endpoint(engine, receiver.url())
    [event] = happens(engine, BOOKED)
    receiver.answer = held_up = HeldUp(engine)
    sender = start_senders(stack.processes)
    wake(stack.processes)
    until(lambda: waiting_backends(engine, WORKERS), 10, "the sender's note")
    sender.kill()
    held_up.let_go()
    assert deliveries(engine) == ["SENDING"]

    end_leases(engine)
    second = start_senders(stack.processes)
    wake(stack.processes)
    until(lambda: deliveries(engine) == ["DELIVERED"], 20, "the second sending")
    second.terminate()
    assert second.said("left to its lease") == 0
    assert receiver.ids() == [str(event)] * 2
    for received in receiver.received:
        received.verified_by(made.secret)


def test_an_endpoint_that_hangs_delays_no_other_and_not_the_end_either(
    stack: WorkingStack, receiver: Receiver
) -> None:
    engine = stack.school.engine
    hanging = endpoint(engine, receiver.url("/hang")).id
    endpoint(engine, receiver.url("/ok"))
    happens(engine, *[BOOKED] * 40)
    sender = start_senders(stack.processes)
    wake(stack.processes)
    until(lambda: len(receiver.on("/ok")) == 40, 8, "the other's events")
    assert 1 <= len(receiver.on("/hang")) <= PLACES

    assert sender.terminate() < ENDS_WITHIN
    with engine.connect() as db:
        query = text("SELECT status FROM webhook_delivery WHERE webhook_endpoint_id = :id")
        left = list(db.scalars(query, {"id": hanging}))
    assert left.count("SENDING") == len(receiver.on("/hang")), "left to their leases"
    assert left.count("SENDING") + left.count("PENDING") == 40
    receiver.let_go.set()


def test_with_a_single_thread_for_all_the_other_would_wait(
    stack: WorkingStack, receiver: Receiver
) -> None:
    """The control of the test above."""
    engine = stack.school.engine
    endpoint(engine, receiver.url("/hang"))
    endpoint(engine, receiver.url("/ok"))
    happens(engine, BOOKED)
    start_senders(stack.processes, threads=1)
    wake(stack.processes)
    until(lambda: receiver.on("/hang"), 5, "the first request")
    time.sleep(1)
    assert receiver.on("/ok") == []
    receiver.let_go.set()
    until(lambda: receiver.on("/ok"), 15, "the other's event")


def test_after_faults_of_all_kinds_the_webhook_has_what_the_log_has(
    stack: WorkingStack, receiver: Receiver
) -> None:
    school, processes, engine = stack.school, stack.processes, stack.school.engine
    made = endpoint(engine, receiver.url())
    accepted: list[str] = []
    dice = random.Random(5)

    def answer(handler: BaseHTTPRequestHandler, number: int) -> None:
        kind = dice.choice(["fine", "fine", "fine", "error", "break"])
        if kind == "break":
            handler.close_connection = True
            return
        if kind == "fine":
            accepted.append(receiver.received[number - 1].id)
        handler.reply(200 if kind == "fine" else 503)  # type: ignore[attr-defined]  # the receiver's own

    receiver.answer = answer
    sender = start_senders(processes)
    courses = [school.course(capacity=12) for _ in range(3)]
    jobs = []
    for number in range(4):
        wave = [job for course in courses for job in stack.submit(course, 3)]
        jobs += wave
        stack.wake(wave)
        stack.await_status(wave)
        if number == 1:
            processes.kill_broker()
            processes.mend_broker()
        if number == 2:
            assert sender.is_alive
            sender.kill()
            start_senders(processes)

    def all_arrived() -> bool:
        end_leases(engine)
        make_due(engine)
        stack.send_mail()
        wake(processes)
        return deliveries(engine).count("DELIVERED") == len(jobs)

    until(all_arrived, 40, "the arrival of all", every=0.3)
    with engine.connect() as db:
        log = list_events(db, after=0, limit=100)
    assert len(log) == len(jobs)
    assert {str(event.id) for event in log} == set(accepted)
    by_id = {str(event.id): write_body(event) for event in log}
    for received in receiver.received:
        assert received.body == by_id[received.id]
        received.verified_by(made.secret)
    assert sorted({json.loads(one.body)["cursor"] for one in receiver.received}) == [
        event.cursor for event in log
    ]
    assert len(receiver.received) > len(jobs), "there were failures, and they were made good"
