"""Waking workers through the broker."""

from uuid import uuid4

from redis import Redis

from tasks.wakeups import Wakeups, broker_breaker


def test_a_raised_flag_lets_one_task_carry_many_jobs(redis: Redis) -> None:
    woken = []
    wakeups = Wakeups(woken.append, broker_breaker(), redis)
    jobs = [uuid4() for _ in range(3)]
    for job in jobs:
        wakeups.wake(job, [1])
    assert woken == jobs[:1]
    wakeups.lower([1])
    wakeups.wake(jobs[1], [1])
    assert woken == jobs[:2]


def test_without_flags_every_job_wakes_its_own_task(redis: Redis) -> None:
    woken = []
    wakeups = Wakeups(woken.append, broker_breaker())
    jobs = [uuid4() for _ in range(3)]
    for job in jobs:
        wakeups.wake(job, [1])
    assert woken == jobs


def test_a_wake_up_for_no_job_disturbs_nothing(redis: Redis) -> None:
    woken = []
    wakeups = Wakeups(woken.append, broker_breaker(), redis)
    wakeups.lower([])
    wakeups.wake(uuid4(), [1])
    assert len(woken) == 1
