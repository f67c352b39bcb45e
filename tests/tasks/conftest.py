"""What the tests of tasks work with: this process as a worker, and the letters it sends."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from app.settings import Settings
from models.round import Decider
from tasks.celery_app import connect
from tasks.mailing import Courier
from tasks.worker_state import WorkerState
from tests.tasks.post import Post
from tests.tasks.this_worker import state_of, working_with


@pytest.fixture(autouse=True)
def patient_courier(monkeypatch: pytest.MonkeyPatch) -> None:
    """One call sends all that is due, however slow the machine is at its first letter."""
    monkeypatch.setattr("tasks.mail.WORK_SECONDS", 60)


@pytest.fixture
def maildir(decider: Decider, tmp_path: Path) -> Iterator[Path]:
    """Where this process's courier drops mail."""
    maildir = tmp_path / "mail"
    with working_with(state_of(decider, Courier(None, maildir))):
        yield maildir


@pytest.fixture
def senders(
    decider: Decider, redis: Redis, settings: Settings, tmp_path: Path
) -> Iterator[WorkerState]:
    """This process follows the event log: it has the broker, and may send to itself."""
    courier = Courier(None, tmp_path)
    state = state_of(decider, courier, redis=redis, webhook_allow_private=True)
    # as in a new process: a test before this one may have published to a broker that is gone
    connect(settings.broker_url)._after_fork()  # noqa: SLF001 - Celery's only way to
    with working_with(state):
        yield state


@pytest.fixture
def post(decider: Decider, maildir: Path) -> Post:
    return Post(decider, maildir)
