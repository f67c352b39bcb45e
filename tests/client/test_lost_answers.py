"""thrive.js on a network that loses requests and answers, and across reloads: one job each time."""

import pytest

from tests.client.conftest import Site, Student
from tests.client.unsteady_network import UnsteadyNetwork
from tests.processes import Web, free_port, until
from tests.school import Course, School

RESUME = """
    const calls = thrive.resume();
    tell({ calls: calls.map(({ outcome, ...call }) => call), again: thrive.resume().length });
    return Promise.all(calls.map(({ outcome }) => outcome));
"""


def booking(student: Student, course: Course) -> str:
    return f"return thrive.bookCourseStepSession({student.choice(course)})"


def jobs(school: School) -> int:
    return int(school.rows("SELECT count(*) FROM booking_job")[0][0])


@pytest.mark.parametrize("lost", ["request", "answer", "half", "page"])
def test_a_connection_lost_in_the_middle_of_a_submit_makes_one_job(
    lost: str, network: UnsteadyNetwork, student: Student, course: Course, school: School
) -> None:
    network.faults = [lost, lost]
    page = student.browser.open(booking(student, course), port=network.port)

    assert page.result()["progress"]["status"] == "BOOKED"
    assert "OFFLINE" in [told["status"] for told in page.progress]
    assert (len(network.submits), len({one.key for one in network.submits})) == (3, 1)
    assert jobs(school) == 1


def test_without_the_key_it_would_make_two(
    network: UnsteadyNetwork, student: Student, course: Course, school: School
) -> None:
    network.faults, network.drops = ["answer"], "idempotency-key"
    page = student.browser.open(booking(student, course), port=network.port)

    assert page.error()["code"] == "step_already_booked"
    assert jobs(school) == 2


def test_a_connection_lost_while_waiting_loses_nothing(
    site: Site, network: UnsteadyNetwork, student: Student, course: Course, school: School
) -> None:
    network.faults = ["none", "request", "half"]
    with site.worker.suspended():
        page = student.browser.open(booking(student, course), port=network.port)
        page.await_status("QUEUED")
        page.await_status("OFFLINE")

    assert page.result()["progress"]["status"] == "BOOKED"
    assert jobs(school) == 1


def test_each_call_has_a_key_of_its_own(
    network: UnsteadyNetwork, student: Student, course: Course, school: School
) -> None:
    page = student.browser.open(twice(student, course), port=network.port)

    assert page.result() == ["booked", "step_already_booked"]
    assert len({one.key for one in network.submits}) == 2
    assert jobs(school) == 2


def twice(student: Student, course: Course) -> str:
    """Book the same at the same time, and return what comes of the two."""
    return f"""
        const once = () => thrive.bookCourseStepSession({student.choice(course)});
        const outcomes = await Promise.allSettled([once(), once()]);
        return outcomes.map(({{ reason }}) => reason?.code ?? "booked").sort();
    """


def test_polls_ask_only_for_what_is_new_and_hold_the_answer(
    site: Site, network: UnsteadyNetwork, student: Student, course: Course
) -> None:
    with site.worker.suspended():
        page = student.browser.open(booking(student, course), port=network.port)
        until(lambda: len(network.requests) >= 3, 20, "a second poll")
    page.result()
    submit, first, second = network.requests[:3]

    assert submit.headers["prefer"] == "wait=1"
    assert (first.method, first.headers["prefer"]) == ("GET", "wait=4")
    assert first.headers["if-none-match"].startswith('"')
    assert second.at - first.at > 3.5


def test_a_balancer_that_asks_to_come_back_later_is_obeyed(
    network: UnsteadyNetwork, student: Student, course: Course
) -> None:
    network.faults = ["busy"]
    page = student.browser.open(booking(student, course), port=network.port)

    assert page.result()["progress"]["status"] == "BOOKED"
    assert "BUSY" in [told["status"] for told in page.progress]
    first, second = network.submits
    assert second.at - first.at >= 1
    assert first.key == second.key


def test_a_limit_that_is_reached_is_waited_for(
    limited_web: Web, student: Student, course: Course, school: School
) -> None:
    page = student.browser.open(twice(student, course), port=limited_web.port)

    assert page.result() == ["booked", "step_already_booked"]
    assert "BUSY" in [told["status"] for told in page.progress]
    assert jobs(school) == 2


def test_patience_ends_with_an_error_that_says_why_and_the_request_is_kept(
    network: UnsteadyNetwork, student: Student, course: Course
) -> None:
    script = f"""
        const hasty = new api.ThriveClient({{ ...options, patienceSeconds: 0.5 }});
        return hasty.bookCourseStepSession({student.choice(course)});
    """
    kinds = []
    for network.always in ("request", "busy"):
        page = student.browser.open(script, port=network.port)
        error = page.error()
        kinds.append((error["name"], error["kind"], error["code"], error["status"]))
        assert len(page.stored) == 1

    assert kinds == [
        ("NetworkError", "network", "network", None),
        ("UnavailableError", "unavailable", "unavailable", 503),
    ]


def test_what_was_on_its_way_at_a_reload_is_sent_again_under_its_key(
    network: UnsteadyNetwork, student: Student, course: Course, school: School
) -> None:
    network.always = "answer"
    page = student.browser.open(booking(student, course), port=network.port)
    page.await_status("OFFLINE")
    network.always = None
    resumed = student.browser.reload(page, RESUME)

    assert [made["progress"]["status"] for made in resumed.result()] == ["BOOKED"]
    (call,) = resumed.said("calls")[0]
    assert (call["call"], call["jobId"]) == ("bookCourseStepSession", None)
    assert (call["packageId"], call["stepId"]) == (student.package, course.step)
    assert resumed.said("again") == [0]
    assert {one.key for one in network.submits} == {call["key"]}
    assert jobs(school) == 1
    assert resumed.stored == {}


def test_what_was_waiting_at_a_reload_is_followed_on(
    site: Site, network: UnsteadyNetwork, student: Student, course: Course, school: School
) -> None:
    with site.worker.suspended():
        page = student.browser.open(booking(student, course), port=network.port)
        job_id = page.await_status("QUEUED")["jobId"]
        resumed = student.browser.reload(page, RESUME)
        resumed.await_status("QUEUED")

    assert [made["progress"]["status"] for made in resumed.result()] == ["BOOKED"]
    assert [call["jobId"] for call in resumed.said("calls")[0]] == [job_id]
    assert (len(network.submits), jobs(school)) == (1, 1)


def test_a_request_is_written_down_before_it_is_sent(student: Student, course: Course) -> None:
    page = student.browser.open(booking(student, course), port=free_port())
    page.await_status("OFFLINE")
    first = page.lines[0]["stored"]

    assert len(first) == 1
    assert student.browser.token() not in str(page.stored)


def test_a_key_that_the_server_forgot_is_not_sent_again(
    network: UnsteadyNetwork, student: Student, course: Course
) -> None:
    network.always = "request"
    page = student.browser.open(booking(student, course), port=network.port)
    page.await_status("OFFLINE")
    sent = len(network.requests)
    resumed = student.browser.reload(page, f"Date.now = () => {2**43};{RESUME}")

    assert resumed.result() == []
    assert len(network.requests) == sent
    assert resumed.stored == {}


def test_who_looks_at_a_list_is_told_soon_that_it_can_not_be_had(
    network: UnsteadyNetwork, student: Student
) -> None:
    network.always = "busy"
    # a minute passes in three seconds
    script = "Date.now = () => performance.now() * 20; return thrive.getCoursePackages()"
    page = student.browser.open(script, port=network.port)

    assert page.error()["kind"] == "unavailable"
    assert len(network.requests) == 2


def test_a_browser_that_is_online_again_tries_at_once(student: Student) -> None:
    page = student.browser.open("""
        const { rest } = await import(options.module.replace(".js", "/resting.js"));
        const began = Date.now();
        const rested = rest(60, undefined, { online: true });
        window.dispatchEvent(new Event("online"));
        await rested;
        return Date.now() - began;
    """)

    assert page.result() < 5000
