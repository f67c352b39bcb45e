"""The broker flushed, down, hung or restarted: bookings go on, and wake-ups come back."""

from concurrent.futures import ThreadPoolExecutor

from tests.faults.stack import FINAL_SECONDS, WorkingStack
from tests.processes import Answer, Running, Web, until
from tests.school import Course

ANSWERS_WITHIN = 2
CONSUMES_AGAIN_WITHIN = 15
RESTARTS = 3
BOOKINGS = 8
AT_ONCE = 40
"""More than the server has threads for."""


def book(web: Web, course: Course) -> tuple[int, Answer]:
    student, package = course.enrol_one()
    body = {"courseStepOptionId": course.option}
    return student, web.book(student, package, course.step, body)


def test_a_flushed_broker_loses_none_of_100_waiting_jobs(
    stack: WorkingStack, sweep: Running
) -> None:
    course = stack.school.course(capacity=100)
    jobs = stack.submit(course, 100)
    redis = stack.processes.redis
    with stack.worker.suspended():
        # until then the next message would go straight to the worker's open request
        until(lambda: redis.info("clients")["blocked_clients"] == 0, 5, "the request's end")
        stack.wake(jobs)
        assert redis.llen("bookings") > 0
        redis.flushall()

    stack.await_status(jobs)
    stack.assert_settled(bookings=100)


def test_without_a_broker_a_booking_is_accepted_decided_and_later_told(
    stack: WorkingStack, web: Web, sweep: Running
) -> None:
    course = stack.school.course()
    stack.processes.kill_broker()
    beat = stack.processes.start_beat()

    student, accepted = book(web, course)
    assert (accepted.status, accepted.seconds < ANSWERS_WITHIN) == (202, True)
    until(
        lambda: web.job(student, accepted.body["id"]).body["status"] == "SUCCEEDED",
        FINAL_SECONDS,
        "the sweep's decision",
    )
    assert stack.mail_ids() == []

    stack.processes.mend_broker()
    until(lambda: stack.open_messages() == 0, 30, "the mail, by beat and the worker")
    assert beat.is_alive
    stack.assert_settled(bookings=1)


def test_while_the_broker_hangs_submits_and_polls_are_answered(
    stack: WorkingStack, web: Web, sweep: Running
) -> None:
    course = stack.school.course(capacity=AT_ONCE)
    enrolled = course.enrol(AT_ONCE)
    body = {"courseStepOptionId": course.option}
    stack.processes.freeze_broker()

    with ThreadPoolExecutor(AT_ONCE) as clients:
        answers = list(clients.map(lambda one: web.book(*one, course.step, body), enrolled))
        polls = list(
            clients.map(lambda one, answer: web.job(one[0], answer.body["id"]), enrolled, answers)
        )

    assert {answer.status for answer in answers} == {202}
    assert max(answer.seconds for answer in answers) < ANSWERS_WITHIN
    assert {poll.status for poll in polls} == {200}
    assert max(poll.seconds for poll in polls) < ANSWERS_WITHIN
    until(lambda: stack.queued() == 0, FINAL_SECONDS, "the sweep's decisions")
    stack.processes.thaw_broker()
    stack.assert_settled(bookings=AT_ONCE)


def test_a_flush_leaves_the_web_server_able_to_wake_workers(stack: WorkingStack) -> None:
    web = stack.processes.start_web()  # the shared one may just be resting from a broken broker
    course = stack.school.course()
    for _ in range(BOOKINGS):  # several for each process of the server
        student, accepted = book(web, course)
        until(
            lambda: web.job(student, accepted.body["id"]).body["status"] == "SUCCEEDED",  # noqa: B023 - waited for at once
            what="the worker's decision",
        )
        # with everything by which messages find their queue
        stack.processes.redis.flushall()
    stack.assert_settled(bookings=BOOKINGS)


def test_a_partly_busy_worker_consumes_again_after_its_broker_was_killed(
    stack: WorkingStack,
) -> None:
    for _ in range(RESTARTS):
        [busy, job] = stack.submit(stack.school.course()) + stack.submit(stack.school.course())
        with stack.held("user_account", stack.school.job(busy).user_id):
            stack.wake([busy])
            stack.await_waiting()
            stack.processes.kill_broker()
            stack.processes.mend_broker()
            stack.wake([job])
            until(
                lambda: stack.worker.said(f"process[{job}] received"),  # noqa: B023 - waited for at once
                CONSUMES_AGAIN_WITHIN,
                "consuming again",
            )
        stack.await_status([busy, job])
        assert stack.school.job(job).task_id in {str(busy), str(job)}, "decided by this very worker"

    assert stack.worker.is_alive
    stack.assert_settled(bookings=2 * RESTARTS)
