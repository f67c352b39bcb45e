"""app/client.py on a network that loses requests and answers: one job each time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from app.calling.network import back_off, retry_after
from app.client import NetworkError, PatienceError, UnavailableError, UndecidedError
from tests.client.conftest import Site
from tests.client.python_clients import Program, Programs, jobs
from tests.client.unsteady_network import UnsteadyNetwork
from tests.processes import Web, free_port, until
from tests.school import School

HASTY = timedelta(seconds=0.4)
SLOW = 2
"""Seconds by which a machine that has much to do may be late."""


@pytest.mark.parametrize("lost", ["request", "answer", "half", "page"])
def test_a_connection_lost_in_the_middle_of_a_submit_makes_one_job(
    lost: str, network: UnsteadyNetwork, program: Program, school: School
) -> None:
    network.faults = [lost, lost]
    made = program.client(network.port).book_course_step_session(*program.choice)

    assert made["progress"]["status"] == "BOOKED"
    assert (len(network.submits), len({one.key for one in network.submits})) == (3, 1)
    assert jobs(school) == 1


def test_without_the_key_it_would_make_two(
    network: UnsteadyNetwork, program: Program, school: School
) -> None:
    network.faults, network.drops = ["answer"], "idempotency-key"
    with pytest.raises(Exception, match="already booked"):
        program.client(network.port).book_course_step_session(*program.choice)

    assert jobs(school) == 2


def test_each_call_has_a_key_of_its_own(
    network: UnsteadyNetwork, program: Program, school: School
) -> None:
    thrive = program.client(network.port)
    thrive.book_course_step_session(*program.choice)
    thrive.cancel_course_step_booking(*program.step)
    thrive.book_course_step_session(*program.choice)

    assert len({one.key for one in network.submits}) == 3
    assert jobs(school) == 3


def test_a_connection_lost_while_waiting_loses_nothing(
    site: Site, network: UnsteadyNetwork, program: Program, school: School
) -> None:
    network.faults = ["request", "busy", "half"]
    thrive = program.client(network.port)
    with ThreadPoolExecutor(1) as other:
        with site.worker.suspended():
            request = {"courseStepOptionId": program.course.option}
            job_id = site.web.book(program.user, *program.step, request).body["id"]
            following = other.submit(thrive.follow_job, job_id)
            until(lambda: network.faults == [], 20, "all that goes wrong")
            assert not following.done()
        assert following.result(20)["progress"]["status"] == "BOOKED"

    assert (len(network.requests), network.submits) == (4, [])
    assert jobs(school) == 1


def test_polls_ask_only_for_what_is_new_and_for_no_longer_than_patience_lasts(
    site: Site, network: UnsteadyNetwork, program: Program
) -> None:
    with site.worker.suspended(), pytest.raises(UndecidedError):
        program.client(network.port, timedelta(seconds=4)).book_course_step_session(*program.choice)
    submit, *polls = network.requests

    assert submit.headers["prefer"] == "wait=3"
    assert polls[0].at - submit.at >= 3
    assert polls[-1].at - submit.at < 4 + SLOW
    assert all(poll.headers["if-none-match"].startswith('"') for poll in polls)


@pytest.mark.parametrize("lasts", [timedelta(seconds=2.5), HASTY])
def test_a_call_ends_when_patience_does(
    lasts: timedelta, site: Site, network: UnsteadyNetwork, program: Program
) -> None:
    thrive = program.client(network.port, lasts)
    thrive.get_course_packages()
    with site.worker.suspended():
        began = datetime.now(UTC)
        with pytest.raises(UndecidedError):
            thrive.book_course_step_session(*program.choice)

    assert lasts <= datetime.now(UTC) - began < lasts + timedelta(seconds=SLOW)


def test_a_balancer_that_asks_to_come_back_later_is_obeyed(
    network: UnsteadyNetwork, program: Program
) -> None:
    network.faults = ["busy"]
    made = program.client(network.port).book_course_step_session(*program.choice)

    assert made["progress"]["status"] == "BOOKED"
    first, second = network.submits
    assert second.at - first.at >= 1
    assert first.key == second.key


def test_a_limit_that_is_reached_is_waited_for(limited_web: Web, program: Program) -> None:
    thrive = program.client(limited_web.port)
    thrive.book_course_step_session(*program.choice)
    assert thrive.cancel_course_step_booking(*program.step)["success"]
    with pytest.raises(UnavailableError) as limited:
        program.client(limited_web.port, HASTY).book_course_step_session(*program.choice)

    error = limited.value
    assert (error.code, error.status, error.job_id) == ("too_many_requests", 429, None)
    assert error.retry_after is not None
    assert error.retry_after >= timedelta(seconds=1)


def test_a_queue_that_is_full_is_told_and_the_request_made_later(
    site: Site, limited_web: Web, programs: Programs, school: School
) -> None:
    course = school.course(capacity=100)
    ahead = programs.of(course)
    with site.worker.suspended():
        site.web.book(ahead.user, *ahead.step, {"courseStepOptionId": course.option})
        # the server's look at the queue may be a second old
        behind, error = until(lambda: turned_away(programs.of(course), limited_web), 10, "a 503")
        accepted = jobs(school)
    behind.thrive.book_course_step_session(*behind.choice, idempotency_key=error.idempotency_key)

    assert (error.code, error.status, error.job_id) == ("queue_full", 503, None)
    assert error.retry_after == timedelta(seconds=10)
    assert jobs(school) == accepted + 1


def turned_away(program: Program, web: Web) -> tuple[Program, UnavailableError] | None:
    """The program, and that the server took no request of it; None where it did."""
    try:
        program.client(web.port, HASTY).book_course_step_session(*program.choice)
    except UnavailableError as error:
        return program, error
    except UndecidedError:
        return None
    raise AssertionError("nobody decides")


def test_who_lost_patience_before_there_was_an_answer_goes_on_with_the_key(
    network: UnsteadyNetwork, program: Program, school: School
) -> None:
    network.always = "answer"
    with pytest.raises(NetworkError) as lost:
        program.client(network.port, HASTY).book_course_step_session(*program.choice)
    until(lambda: jobs(school), 10, "the request's arrival")
    made = program.thrive.book_course_step_session(
        *program.choice, idempotency_key=lost.value.idempotency_key
    )

    assert (lost.value.code, lost.value.job_id) == ("network", None)
    assert isinstance(lost.value.__cause__, httpx.TransportError)
    assert made["progress"]["status"] == "BOOKED"
    assert {one.key for one in network.submits} == {lost.value.idempotency_key}
    assert jobs(school) == 1


def test_a_server_that_is_not_there_is_told_when_patience_ends(program: Program) -> None:
    with pytest.raises(PatienceError, match="no connection"):
        program.client(free_port(), HASTY).get_course_packages()


def test_when_to_come_back_is_given_in_seconds_or_as_a_date() -> None:
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(minutes=1), usegmt=True)
    dated = retry_after({"Retry-After": in_a_minute})

    assert dated is not None
    assert timedelta(seconds=55) < dated <= timedelta(seconds=60)
    assert retry_after({"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}) == timedelta(0)
    assert retry_after({"Retry-After": "7"}) == timedelta(seconds=7)
    assert retry_after({"Retry-After": "soon"}) is None
    assert retry_after({}) is None


def test_pauses_double_up_to_a_quarter_of_a_minute_and_differ() -> None:
    assert all(0.25 <= back_off(0) <= 0.5 for _ in range(100))
    assert all(7.5 <= back_off(5000) <= 15 for _ in range(100))
    assert len({back_off(3) for _ in range(100)}) > 1
