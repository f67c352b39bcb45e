"""Where the broker can hold no event stream, the process that publishes events says so."""

import pytest

from tests.processes import Processes, free_port, until

SAYING = "there is no event stream"


@pytest.mark.parametrize(("queues", "times"), [("events,webhooks", 1), ("bookings", 0)])
def test_who_publishes_events_says_once_that_there_is_no_stream(
    processes: Processes, queues: str, times: int
) -> None:
    nobody = f"amqp://127.0.0.1:{free_port()}/0"
    worker = processes.launch_worker(queues, pool="threads", REDIS_URL=nobody)
    until(lambda: worker.said("Cannot connect") > 0, 30, "a look for the broker")
    assert worker.said(SAYING) == times


def test_with_a_redis_nobody_says_so(processes: Processes) -> None:
    worker = processes.start_worker("events,webhooks", pool="threads")
    assert worker.said(SAYING) == 0
