"""What tasks need of the outside world, made in each worker process after its fork."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Engine

from models.policy import Policy
from tasks.letters.letterhead import Letterhead
from tasks.mailing import Courier
from tasks.wakeups import Wakeups


@dataclass(frozen=True, slots=True)
class WorkerState:
    """The database, the time, the policy, and the ways to wake others and to write to students."""

    engine: Engine
    clock: Callable[[], datetime]
    policy: Policy
    wakeups: Wakeups
    courier: Courier
    letterhead: Letterhead


_makers: list[Callable[[], WorkerState]] = []


def provide(make: Callable[[], WorkerState]) -> None:
    """Say how a process makes its state; the entry point does, before any task runs."""
    _makers[:] = [make]
    forget()


@lru_cache(maxsize=1)
def worker_state() -> WorkerState:
    """This process's state, made at its first use."""
    return _makers[0]()


def forget() -> None:
    """Leave what a parent process made to the parent; called in each forked child."""
    worker_state.cache_clear()
