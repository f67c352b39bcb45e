"""Processes that die, or are told to end, in the middle of their work."""

import signal
import time

from tests.faults.stack import WorkingStack
from tests.processes import Running, until

ENDS_WITHIN = 10


def test_a_pool_process_killed_before_its_commit_leaves_one_booking(stack: WorkingStack) -> None:
    [job] = stack.submit(stack.school.course())
    with stack.held("user_account", stack.school.job(job).user_id):
        stack.wake([job])
        stack.await_waiting()
        stack.processes.start_sweep()
        stack.worker.kill_children()
        assert stack.statuses([job]) == ["QUEUED"]

    stack.await_sweep()
    stack.await_status([job])
    stack.assert_settled(bookings=1)
    assert stack.worker.is_alive


def test_a_whole_worker_killed_before_its_commit_leaves_one_booking(stack: WorkingStack) -> None:
    [job] = stack.submit(stack.school.course())
    with stack.held("user_account", stack.school.job(job).user_id):
        stack.wake([job])
        stack.await_waiting()
        stack.processes.start_sweep()
        stack.worker.kill()

    stack.await_sweep()
    stack.await_status([job])
    stack.replace_worker()
    stack.assert_settled(bookings=1)


def test_a_worker_that_stood_still_and_was_then_killed_takes_no_job_with_it(
    stack: WorkingStack, sweep: Running
) -> None:
    """The broker hands it the message, which is nowhere any more when it dies."""
    [job] = stack.submit(stack.school.course())
    with stack.worker.suspended():
        stack.wake([job])
        stack.worker.kill()

    stack.await_status([job])
    stack.replace_worker()
    stack.assert_settled(bookings=1)


def test_a_pool_process_killed_between_commit_and_acknowledgement_leaves_one_booking(
    stack: WorkingStack,
) -> None:
    [job] = stack.submit(stack.school.course())
    with stack.held("user_account", stack.school.job(job).user_id) as release:
        stack.wake([job])
        stack.await_waiting()
        stack.processes.freeze_broker()  # now the couriers can't be woken after the commit
        release()
        stack.await_status([job])
        stack.worker.kill_children()
        stack.processes.thaw_broker()

    until(lambda: stack.worker.said(f"process[{job}] received") == 2, 20, "the second delivery")
    until(lambda: stack.worker.said(f"process[{job}] succeeded") == 1, 20, "the second run")
    stack.assert_settled(bookings=1)


def test_a_worker_told_to_end_amid_many_jobs_ends_in_time_and_loses_none(
    stack: WorkingStack,
) -> None:
    courses = [stack.school.course(capacity=12) for _ in range(5)]
    jobs = [job for course in courses for job in stack.submit(course, 12)]
    with stack.held("user_account", stack.school.job(jobs[0]).user_id) as release:
        stack.wake(jobs)
        stack.await_waiting()
        stack.processes.start_sweep()
        stack.worker.popen.send_signal(signal.SIGTERM)
        began = time.monotonic()
        release()
        stack.worker.popen.wait(ENDS_WITHIN)

    stack.await_sweep()
    assert time.monotonic() - began < ENDS_WITHIN
    stack.await_status(jobs)
    stack.replace_worker()
    stack.assert_settled(bookings=len(jobs))


def test_a_worker_that_can_not_finish_is_ended_in_time_and_loses_nothing(
    stack: WorkingStack,
) -> None:
    [job] = stack.submit(stack.school.course())
    with stack.held("user_account", stack.school.job(job).user_id):
        stack.wake([job])
        stack.await_waiting()
        stack.processes.start_sweep()
        assert stack.worker.terminate() < ENDS_WITHIN + 1  # and the interpreter's own end

    stack.await_sweep()
    stack.await_status([job])
    stack.replace_worker()
    stack.assert_settled(bookings=1)
