"""A rush over HTTP, with either way of waking workers, while the broker loses what it holds."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from app.settings import Settings
from tests.faults.stack import Stack
from tests.processes import Processes, until
from tests.school import School

STUDENTS = 60
CLIENTS = 8
FLUSHES = 5


@pytest.mark.parametrize("wakeups", ["each", "coalesced"])
def test_a_rush_through_a_broker_that_forgets_is_decided_to_the_last_job(
    wakeups: str, settings: Settings, school: School, tmp_path: Path
) -> None:
    courses = [school.course(capacity=STUDENTS) for _ in range(3)]
    enrolled = [(course, *course.enrol_one()) for course in courses * (STUDENTS // 3)]
    processes = Processes(replace(settings, wakeups=wakeups), tmp_path)
    stack = Stack(processes, school)
    try:
        worker = processes.launch_worker("bookings,mail,events,upkeep", concurrency=2)
        web = processes.start_web()
        processes.start_sweep()
        until(lambda: worker.said(" ready."), 30, "the worker's start")

        with ThreadPoolExecutor(CLIENTS) as clients:
            answers = [
                clients.submit(web.book, student, package, course.step, request(course.option))
                for course, student, package in enrolled
            ]
            for answer in answers[:: STUDENTS // FLUSHES]:
                answer.result()
                processes.redis.flushall()

        assert {answer.result().status for answer in answers} == {202}
        until(lambda: stack.queued() == 0, 10, "the decisions")
        stack.assert_settled(bookings=STUDENTS)
    finally:
        processes.stop()


def request(option: int) -> dict[str, int]:
    return {"courseStepOptionId": option}
