"""One installation for all tests of faults: what a test broke stands again before the next."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.settings import Settings
from tests.faults.stack import WorkingStack
from tests.processes import Processes, Running, Web
from tests.school import School


@dataclass
class Shared:
    """Processes that outlive a test, so that not each has to start its own."""

    processes: Processes
    worker: Running | None = None
    web: Web | None = None

    def live_worker(self) -> Running:
        if self.worker is None or not self.worker.is_alive:
            self.worker = self.processes.start_worker(concurrency=2)
        return self.worker

    def live_web(self) -> Web:
        if self.web is None:
            self.web = self.processes.start_web()
        return self.web

    def end_worker(self) -> None:
        """For a test whose worker must be the only one."""
        if self.worker is not None:
            self.processes.end(self.worker)
            self.worker = None

    def end_others(self) -> None:
        """End what a test started for itself."""
        kept = [self.worker, self.web.running if self.web else None]
        for running in [one for one in self.processes.started if one not in kept]:
            self.processes.end(running)


@pytest.fixture(scope="package")
def shared(
    session_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shared]:
    processes = Processes(session_settings, tmp_path_factory.mktemp("shared"))
    yield Shared(processes)
    processes.stop()


@pytest.fixture
def stack(shared: Shared, school: School) -> Iterator[WorkingStack]:
    """A worker, a broker with nothing in it, and an empty school; no sweep, no beat."""
    shared.processes.mend_broker()
    shared.processes.redis.flushall()
    shutil.rmtree(shared.processes.settings.maildir, ignore_errors=True)
    stack = WorkingStack(shared.processes, school, shared.live_worker(), shared.live_worker)
    worker, pool = stack.worker, stack.worker.children()
    yield stack
    shared.processes.mend_broker()
    stack.await_quiet()
    print(stack.worker.last_lines())  # noqa: T201 - pytest shows it with a failed test
    if stack.worker is worker and worker.children() != pool:
        # one whose pool was killed may end when it next loses its broker (docs/decisions)
        shared.end_worker()
    shared.end_others()


@pytest.fixture
def sweep(stack: WorkingStack) -> Running:
    """A sweep that looks; a test whose worker has to be first starts one afterwards."""
    sweep = stack.processes.start_sweep()
    stack.await_sweep()
    return sweep


@pytest.fixture
def web(shared: Shared) -> Web:
    return shared.live_web()
