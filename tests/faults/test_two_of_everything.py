"""Two workers and two sweeps at once, one of the workers ended on the way."""

import signal
from datetime import timedelta

from sqlalchemy import text

from tests.faults.stack import WorkingStack
from tests.processes import until

COURSES = 6
SEATS = 15
STUDENTS = 20


def test_two_workers_and_two_sweeps_lose_nothing_and_double_nothing(stack: WorkingStack) -> None:
    school = stack.school
    courses = [school.course(capacity=SEATS) for _ in range(COURSES)]
    enrolled = [course.enrol(STUDENTS) for course in courses]
    second = stack.processes.start_worker("bookings")
    for _ in range(2):
        stack.processes.start_sweep(every=0.1)

    # so long ago that the sweeps want them at once
    at = school.now - timedelta(seconds=10)
    jobs = []
    for place in range(STUDENTS):
        if place == STUDENTS // 2:
            second.popen.send_signal(signal.SIGTERM)
        wave = [
            course.submit(*students[place], at=at)
            for course, students in zip(courses, enrolled, strict=True)
        ]
        jobs += wave
        if place == 0:
            # nobody is woken for these
            until(lambda: stack.queued() == 0, 20, "the sweeps' decisions")
        else:
            stack.wake(wave)

    until(lambda: stack.queued() == 0, 20, "the decisions")
    statuses = stack.statuses(jobs)
    assert statuses.count("SUCCEEDED") == COURSES * SEATS
    assert statuses.count("REFUSED") == COURSES * (STUDENTS - SEATS)
    second.popen.wait(10)
    with school.engine.connect() as db:
        by_sweep = text("SELECT DISTINCT task_id IS NULL FROM booking_job")
        assert set(db.scalars(by_sweep)) == {True, False}, "both had their part"
    stack.assert_settled(bookings=COURSES * SEATS)
