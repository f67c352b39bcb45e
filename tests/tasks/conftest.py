"""This process as a worker: its tasks work on this test's database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from app.settings import Settings
from models.round import Decider
from tasks import worker_state
from tasks.breaker import Breaker
from tasks.celery_app import connect
from tasks.letterhead import Letterhead
from tasks.mailing import Courier
from tasks.wakeups import Wakeups
from tests.school import School
from tests.tasks.post import Post


@pytest.fixture
def maildir(decider: Decider, tmp_path: Path) -> Iterator[Path]:
    """Where this process's courier drops mail."""
    maildir = tmp_path / "mail"
    worker_state.provide(lambda: state_of(decider, maildir))
    yield maildir
    worker_state.forget()


@pytest.fixture
def senders(
    decider: Decider, redis: Redis, settings: Settings, tmp_path: Path
) -> Iterator[worker_state.WorkerState]:
    """This process follows the event log: it has the broker, and may send to itself."""
    state = state_of(decider, tmp_path, redis=redis, webhook_allow_private=True)
    worker_state.provide(lambda: state)
    # as in a new process: a test before this one may have published to a broker that is gone
    connect(settings.broker_url)._after_fork()  # noqa: SLF001 - Celery's only way to
    yield state
    worker_state.forget()


def state_of(decider: Decider, maildir: Path, **others: Any) -> worker_state.WorkerState:
    return worker_state.WorkerState(
        engine=decider.engine,
        clock=decider.clock,
        policy=decider.policy,
        wakeups=Wakeups(lambda _: None, Breaker(())),
        courier=Courier(None, maildir),
        letterhead=Letterhead("School <school@x.example>", "https://booking.x.example"),
        **others,
    )


@pytest.fixture
def post(school: School, decider: Decider, maildir: Path) -> Post:
    return Post(school, decider, maildir)
