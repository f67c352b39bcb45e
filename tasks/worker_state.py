"""What tasks need of the outside world, made in each worker process after its fork."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from redis import Redis
from sqlalchemy import Engine

from models.policy import Policy
from tasks.letterhead import Letterhead
from tasks.mailing import Courier
from tasks.wakeups import Wakeups


@dataclass(frozen=True, slots=True)
class WorkerState:
    """The database, the time, the policy, and the ways to wake others and to write to students.

    `redis` is the broker where it is one, `webhook_allow_private` whether events may be sent to
    addresses that aren't public.
    """

    engine: Engine
    clock: Callable[[], datetime]
    policy: Policy
    wakeups: Wakeups
    courier: Courier
    letterhead: Letterhead
    redis: Redis | None = None
    webhook_allow_private: bool = False


_makers: list[Callable[[], WorkerState]] = []
_making = threading.Lock()


def provide(make: Callable[[], WorkerState]) -> None:
    """Say how a process makes its state; the entry point does, before any task runs."""
    _makers[:] = [make]
    forget()


def worker_state() -> WorkerState:
    """This process's state, made at its first use, once for all threads."""
    with _making:
        return _made()


def forget() -> None:
    """Leave what a parent process made to the parent; called in each forked child."""
    _made.cache_clear()


@lru_cache(maxsize=1)
def _made() -> WorkerState:
    return _makers[0]()
