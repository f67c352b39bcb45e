"""This process as a worker: its tasks work on this test's database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.round import Decider
from tasks import worker_state
from tasks.breaker import Breaker
from tasks.letters.letterhead import Letterhead
from tasks.mailing import Courier
from tasks.wakeups import Wakeups
from tests.school import School
from tests.tasks.post import Post


@pytest.fixture
def maildir(decider: Decider, tmp_path: Path) -> Iterator[Path]:
    """Where this process's courier drops mail."""
    maildir = tmp_path / "mail"
    state = worker_state.WorkerState(
        engine=decider.engine,
        clock=decider.clock,
        policy=decider.policy,
        wakeups=Wakeups(lambda _: None, Breaker(())),
        courier=Courier(None, maildir),
        letterhead=Letterhead("School <school@x.example>", "https://booking.x.example"),
    )
    worker_state.provide(lambda: state)
    yield maildir
    worker_state.forget()


@pytest.fixture
def post(school: School, decider: Decider, maildir: Path) -> Post:
    return Post(school, decider, maildir)
