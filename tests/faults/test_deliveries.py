"""What a broker may deliver: the same task many times, forged ones, and no tasks at all."""

import json
from uuid import uuid4

import pytest

from tests.faults.stack import WorkingStack
from tests.processes import until

QUEUE = "bookings"


def envelope(**changed: object) -> bytes:
    """A message as Kombu writes it, but for what was changed."""
    message = {
        "body": "W1tdLCB7fSwge31d",
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {"task": "tasks.bookings.process", "id": str(uuid4())},
        "properties": {
            "delivery_tag": str(uuid4()),
            "delivery_info": {"exchange": "", "routing_key": QUEUE},
            "body_encoding": "base64",
        },
    }
    return json.dumps(message | changed).encode()


MALFORMED = [
    b"",
    b"no JSON",
    b"\xff\xfe",
    b"7",
    b"[]",
    b"{}",
    b'{"body": "e30=", "headers": {}, "properties": {}}',
    envelope(),  # the task without its argument
    envelope(body="!!!"),
    envelope(body=7),
    envelope(body="W10="),
    envelope(headers=[]),
    envelope(headers={"task": "os.system", "id": "1"}),
    envelope(headers={"task": ["x"], "id": "1"}),
    envelope(headers={"task": "tasks.bookings.process", "id": {"a": 1}}),
    envelope(headers={"task": "tasks.bookings.process", "id": "1", "eta": "never"}),
    # pickled messages could run code
    envelope(**{"content-type": "application/x-python-serialize", "body": "gASVAAAAAAAAAE4u"}),
]


def test_a_task_delivered_20_times_makes_one_booking(stack: WorkingStack) -> None:
    [job] = stack.submit(stack.school.course())
    for _ in range(20):
        stack.processes.publish(job)

    until(lambda: stack.worker.said(f"process[{job}] succeeded") == 20, 20, "the last run")
    stack.assert_settled(bookings=1)


@pytest.mark.parametrize("forged", ["a\x00b", "not a UUID", "x" * 10_000])
def test_a_forged_task_id_harms_no_job(stack: WorkingStack, forged: str) -> None:
    jobs = stack.submit(stack.school.course(), 3)
    stack.processes.publish(jobs[1], task_id=forged)
    stack.await_status(jobs)
    assert {(stack.school.job(job).attempts, stack.school.job(job).task_id) for job in jobs} == {
        (1, None)
    }
    stack.assert_settled(bookings=3)


def test_forged_and_malformed_messages_book_nothing_and_stop_nobody(stack: WorkingStack) -> None:
    for argument in (uuid4(), "no id", "", "'; DROP TABLE booking; --"):
        stack.processes.publish(argument, task_id=uuid4())
    stack.processes.send("tasks.bookings.process", {"job_id": 1}, [], None, queue=QUEUE)
    for message in MALFORMED:
        stack.processes.redis.lpush(QUEUE, message)
    [job] = stack.submit(stack.school.course())
    stack.wake([job])

    stack.await_status([job], seconds=20)
    assert stack.worker.is_alive
    assert stack.school.job(job).task_id == str(job)
    stack.assert_settled(bookings=1)
