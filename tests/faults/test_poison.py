"""A job that breaks whoever decides it ends as failed, and its neighbours don't notice."""

import shutil
from collections.abc import Iterator
from uuid import UUID

import pytest

from tests.faults.conftest import Shared
from tests.faults.poison import BREAKS, KILLS
from tests.faults.stack import WorkingStack
from tests.processes import until
from tests.school import School

NEIGHBOURS = 9
ATTEMPTS = 5
SWEEP_SECONDS = 0.5


@pytest.fixture
def poisoned(shared: Shared, school: School) -> Iterator[WorkingStack]:
    """A stack whose only worker is the poisoned one."""
    shared.processes.mend_broker()
    shared.processes.redis.flushall()
    shutil.rmtree(shared.processes.settings.maildir, ignore_errors=True)
    shared.end_worker()
    # Celery sees only every 5 s that a process of its pool died, so there are some
    worker = shared.processes.start_worker(concurrency=4, app="tests.faults.poisoned_worker")
    stack = WorkingStack(shared.processes, school, worker, shared.live_worker)
    yield stack
    stack.await_quiet()
    shared.end_others()


def are_final(stack: WorkingStack, jobs: list[UUID]) -> bool:
    """Look, and wake somebody: what the sweep would do, which here would die of it as well."""
    stack.processes.publish(jobs[0])
    return "QUEUED" not in stack.statuses(jobs)


@pytest.mark.parametrize("poison", [KILLS, BREAKS])
def test_a_poisonous_job_fails_after_five_attempts_and_its_neighbours_are_booked(
    poisoned: WorkingStack, poison: str
) -> None:
    course = poisoned.school.course(capacity=NEIGHBOURS)
    before = poisoned.submit(course, NEIGHBOURS // 2)
    victim = course.submit(*course.enrol_one(package_name=poison))
    after = poisoned.submit(course, NEIGHBOURS - len(before))
    poisoned.wake([*before, victim, *after])

    jobs = [*before, victim, *after]
    until(lambda: are_final(poisoned, jobs), 60, "the decisions", every=SWEEP_SECONDS)
    assert set(poisoned.statuses([*before, *after])) == {"SUCCEEDED"}
    failed = poisoned.school.job(victim)
    assert (failed.status, failed.attempts) == ("FAILED", ATTEMPTS)
    assert failed.error["code"] == "job_failed"
    assert poisoned.worker.is_alive
    poisoned.assert_settled(bookings=NEIGHBOURS)
