"""This process as a worker: its tasks work on this test's database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from models.round import Decider
from tasks.breaker import Breaker
from tasks.letterhead import Letterhead
from tasks.mailing import Courier
from tasks.wakeups import Wakeups
from tasks.worker_state import WorkerState, forget, provide


def state_of(decider: Decider, courier: Courier, **others: Any) -> WorkerState:
    """A worker that decides like this one, sends mail so, and wakes nobody."""
    return WorkerState(
        engine=decider.engine,
        clock=decider.clock,
        policy=decider.policy,
        wakeups=Wakeups(lambda _: None, Breaker(()), publish_mail=lambda: None),
        courier=courier,
        letterhead=Letterhead("School <school@x.example>", "https://booking.x.example"),
        **others,
    )


@contextmanager
def working_with(state: WorkerState) -> Iterator[WorkerState]:
    """Tasks called in this process work with this state, until the end."""
    provide(lambda: state)
    try:
        yield state
    finally:
        forget()
