"""The plan's own client against the product: it gets what docs/old-clients.md says."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.client.conftest import Site
from tests.client.node import HOME, node
from tests.client.other_site import chromium, served
from tests.client.pages import MODULE, Browser
from tests.client.python_clients import jobs
from tests.client.unsteady_network import UnsteadyNetwork, unsteady_network
from tests.documents.markdown import block
from tests.processes import Web, until
from tests.school import HOUR, Course, School

OLD_CLIENT = HOME / "old_client.mjs"
HELD_AT_ONCE = 12
WEB_PROCESSES = 2


@dataclass
class OldSite:
    """A student's page with the plan's client, which calls a web server with a setting."""

    browser: Browser
    package: int
    course: Course
    waits: bool

    @property
    def step(self) -> str:
        return f"{self.package}, {self.course.step}"

    @property
    def choice(self) -> str:
        return f"{self.step}, {self.course.option}"

    @property
    def headers(self) -> dict[str, str]:
        """What the plan's `getHeaders` has to give."""
        token = self.browser.token()
        return {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}

    def run(
        self,
        script: str,
        *,
        port: int | None = None,
        headers: dict[str, str] | None = None,
        module: Path = OLD_CLIENT,
    ) -> dict[str, Any]:
        """What a script on the page comes to: `result` or `error`."""
        given = {
            "baseUrl": f"http://127.0.0.1:{port or self.browser.port}",
            "headers": self.headers if headers is None else headers,
            "module": module.as_uri(),
            "script": script,
            "thrive": MODULE.as_uri(),
        }
        command = [node(), str(HOME / "old_page.mjs"), json.dumps(given)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert done.stderr == ""
        return dict(json.loads(done.stdout))

    def result(self, script: str, **others: Any) -> Any:
        outcome = self.run(script, **others)
        assert outcome.keys() == {"result"}, outcome
        return outcome["result"]

    def error(self, script: str, **others: Any) -> Any:
        outcome = self.run(script, **others)
        assert outcome.keys() == {"error"}, outcome
        return outcome["error"]


@pytest.fixture(scope="package")
def waiting_web(shared_site: Site) -> Web:
    """A web server of the same site that waits for old clients."""
    return shared_site.processes.start_web(DEFAULT_WAIT_SECONDS="10")


def page_of(site: Site, course: Course, web: Web, *, waits: bool) -> OldSite:
    user, package = course.enrol_one()
    return OldSite(Browser(site.processes.settings, user, web.port), package, course, waits)


@pytest.fixture(params=[False, True], ids=["wait 0", "wait 10"])
def old_site(
    request: pytest.FixtureRequest, site: Site, waiting_web: Web, course: Course
) -> OldSite:
    """The page, by both settings."""
    web = waiting_web if request.param else site.web
    return page_of(site, course, web, waits=request.param)


@pytest.fixture
def hasty(site: Site, course: Course) -> OldSite:
    """The page, and a server that doesn't wait."""
    return page_of(site, course, site.web, waits=False)


@pytest.fixture
def patient(site: Site, waiting_web: Web, course: Course) -> OldSite:
    """The page, and a server that waits."""
    return page_of(site, course, waiting_web, waits=True)


def test_reading_gives_what_the_plan_says(old_site: OldSite, course: Course) -> None:
    [step] = old_site.result(f"return thriveClient.getUnbookedCourseSteps({old_site.package})")

    assert {"stepId", "stepLabel", "stepTitle", "stepOrder", "isRequired", "options"} == set(step)
    assert [option["sessionId"] for option in step["options"]] == course.sessions
    assert set(step["options"][0]) > {
        *("courseStepOptionId", "sessionId", "groupClassId", "groupClassName", "startAt", "endAt"),
        *("capacityMax", "spotsAvailable", "isActive", "teacherName"),
    }


def bulk(page: OldSite) -> str:
    """The wizard's call, for the one step that there is."""
    selection = {"courseStepId": page.course.step, "courseStepOptionId": page.course.option}
    return f"thriveClient.bulkBookCourseStepSessions({page.package}, [{json.dumps(selection)}])"


def test_without_a_wait_each_promise_resolves_before_it_is_decided(
    site: Site, hasty: OldSite, school: School
) -> None:
    with site.worker.suspended():
        *jobs, cancelled = hasty.result(f"""return [
            await thriveClient.bookCourseStepSession({hasty.choice}),
            await thriveClient.changeCourseStepSession({hasty.choice}),
            await {bulk(hasty)},
            await thriveClient.cancelCourseStepBooking({hasty.step}, "away") ?? null,
        ]""")
        assert school.rows("SELECT FROM booking") == []

    assert [(job["status"], job["result"]) for job in jobs] == [("QUEUED", None)] * 3
    assert cancelled is None


def test_with_a_wait_each_promise_resolves_when_it_is_done(
    patient: OldSite, school: School, course: Course
) -> None:
    first, second = course.sessions
    booked = patient.result(f"return thriveClient.bookCourseStepSession({patient.choice})")
    school.change("session", second, start_at=school.now + 60 * HOUR)  # now the option means it
    changed = patient.result(f"return thriveClient.changeCourseStepSession({patient.choice})")
    cancelled, seats, wizard = patient.result(f"""return [
        await thriveClient.cancelCourseStepBooking({patient.step}, "away") ?? null,
        (await thriveClient.getUnbookedCourseSteps({patient.package}))[0].options.length,
        await {bulk(patient)},
    ]""")

    assert {job["status"] for job in (booked, changed, wizard)} == {"SUCCEEDED"}
    assert booked["result"]["booking"]["sessionId"] == first
    assert changed["result"]["booking"]["sessionId"] == second
    assert (cancelled, seats) == (None, 2)
    assert set(wizard["result"]) > {"bookings", "autoBooked", "manualSelections"}
    assert len(wizard["result"]["bookings"]) == 1


def test_the_result_is_one_level_down(old_site: OldSite) -> None:
    error = old_site.error(f"""
        const answer = await thriveClient.bookCourseStepSession({old_site.choice});
        return answer.booking.id;
    """)

    assert error["name"] == "TypeError"


def test_a_refusal_resolves(old_site: OldSite, school: School, course: Course) -> None:
    for session in course.sessions:
        school.change("session", session, capacity_max=0)
    job = old_site.result(f"return thriveClient.bookCourseStepSession({old_site.choice})")

    if old_site.waits:
        assert (job["status"], job["error"]["code"]) == ("REFUSED", "session_full")
        assert job["error"]["message"].endswith(".")
    else:
        assert job["status"] in ("QUEUED", "REFUSED")
    look = "SELECT status FROM booking_job WHERE status <> 'QUEUED'"
    assert until(lambda: school.rows(look), 20, "the decision") == [("REFUSED",)]


def test_cancelling_too_late_resolves_to_nothing(
    old_site: OldSite, school: School, course: Course
) -> None:
    old_site.result(f"return thriveClient.bookCourseStepSession({old_site.choice})")
    until(lambda: school.rows("SELECT FROM booking"), 20, "the booking")
    school.change("session", course.sessions[0], start_at=school.now + HOUR)
    school.change("booking", 1, cancel_until=school.now - HOUR)
    result = old_site.result(f"return thriveClient.cancelCourseStepBooking({old_site.step})")

    assert result == "undefined"
    look = "SELECT status FROM booking_job WHERE kind = 'CANCEL_STEP' AND status <> 'QUEUED'"
    assert until(lambda: school.rows(look), 20, "the decision") == [("REFUSED",)]


def test_what_is_wrong_with_a_request_rejects_with_a_sentence(old_site: OldSite) -> None:
    unknown = old_site.package + 1
    told = old_site.result(f"""
        const outcomes = await Promise.allSettled([
            thriveClient.bookCourseStepSession({unknown}, 1, 1),
            thriveClient.bookCourseStepSession({old_site.step}, "x"),
            thriveClient.getUnbookedCourseSteps({unknown}),
        ]);
        return outcomes.map((outcome) => outcome.reason.message);
    """)
    book = f"return thriveClient.bookCourseStepSession({old_site.choice})"
    authorization, content_type = (
        {name: old_site.headers[name]} for name in ("Authorization", "Content-Type")
    )

    assert told == [
        "We couldn't find what you are looking for.",
        "Please check the fields and try again.",
        "Failed to fetch unbooked steps",
    ]
    assert old_site.error(book, headers=content_type)["message"] == "Please sign in and try again."
    assert "could not read" in old_site.error(book, headers=authorization)["message"]


def test_too_many_reject_with_our_sentence_and_a_balancers_page_with_a_syntax_error(
    hasty: OldSite, limited_web: Web, network: UnsteadyNetwork
) -> None:
    book = f"thriveClient.bookCourseStepSession({hasty.choice})"
    limited = hasty.error(f"await {book}; return {book}", port=limited_web.port)
    network.faults = ["busy"]
    busy = hasty.error(f"return {book}", port=network.port)

    assert limited["message"].startswith("That was a bit fast.")
    assert busy["name"] == "SyntaxError"


def test_what_a_wait_does_not_suffice_for_resolves_undecided(site: Site, hasty: OldSite) -> None:
    headers = hasty.headers | {"Prefer": "wait=1"}
    with site.worker.suspended():
        job = hasty.result(
            f"return thriveClient.bookCourseStepSession({hasty.choice})", headers=headers
        )

    assert job["status"] == "QUEUED"


def test_a_header_of_the_sites_waits_like_the_setting(hasty: OldSite) -> None:
    headers = hasty.headers | {"Prefer": "wait=10"}
    job = hasty.result(
        f"return thriveClient.bookCourseStepSession({hasty.choice})", headers=headers
    )

    assert job["status"] == "SUCCEEDED"


def test_of_each_web_process_so_many_wait_and_the_next_are_answered_at_once(
    site: Site, waiting_web: Web, school: School
) -> None:
    course = school.course(capacity=50)
    count = HELD_AT_ONCE * WEB_PROCESSES + 4
    body = {"courseStepOptionId": course.option}
    with ThreadPoolExecutor(count) as threads:
        with site.worker.suspended():
            calls = [
                threads.submit(waiting_web.book, user, package, course.step, body)
                for user, package in course.enrol(count)
            ]
            until(lambda: sum(call.done() for call in calls) >= 4, 9, "answers at once")
            assert {call.result().status for call in calls if call.done()} == {202}
            assert not all(call.done() for call in calls)
        wait(calls)

    assert {call.result().status for call in calls} == {201, 202}
    until(lambda: school.seats_taken(course.sessions[0]) == count, 20, "the bookings")


def test_pressing_again_after_a_lost_answer_is_a_second_request_and_resolves_refused(
    patient: OldSite, school: School
) -> None:
    book = f"thriveClient.bookCourseStepSession({patient.choice})"
    with unsteady_network(patient.browser.port, "answer") as network:
        lost, again = patient.result(
            f"return [await {book}.catch((error) => error.name), await {book}]", port=network.port
        )

    assert (lost, again["status"]) == ("TypeError", "REFUSED")
    assert again["error"]["code"] == "step_already_booked"
    assert (jobs(school), len(school.rows("SELECT FROM booking"))) == (2, 1)


def test_the_raw_fetch_from_before_is_not_signed_in(old_site: OldSite) -> None:
    script = f"return (await rawBookSessions({old_site.package}, [])).status"

    assert old_site.result(script) == 401


def test_the_smallest_change_brings_the_plans_promises_back(
    patient: OldSite, school: School, course: Course, tmp_path: Path
) -> None:
    changed = tmp_path / "changed_client.mjs"
    changed.write_text(with_smallest_change(OLD_CLIENT.read_text()))
    book = f"thriveClient.bookCourseStepSession({patient.choice})"
    cancel = f"thriveClient.cancelCourseStepBooking({patient.step})"
    made = patient.result(f"return {book}", module=changed)
    again = patient.error(f"return {book}", module=changed)
    cancelled = patient.result(f"return {cancel}", module=changed)
    nothing = patient.error(f"return {cancel}", module=changed)
    steps = patient.result(
        f"return thriveClient.getUnbookedCourseSteps({patient.package})", module=changed
    )

    assert made["booking"]["sessionId"] == course.sessions[0]
    assert made["progress"]["status"] == "BOOKED"
    assert "already booked" in again["message"]
    assert cancelled == "undefined"
    assert nothing["message"].endswith(".")
    assert [step["stepId"] for step in steps] == [course.step]


def test_the_smallest_change_says_when_it_is_not_decided_yet(
    site: Site, hasty: OldSite, tmp_path: Path
) -> None:
    changed = tmp_path / "changed_client.mjs"
    changed.write_text(with_smallest_change(OLD_CLIENT.read_text()))
    with site.worker.suspended():
        error = hasty.error(
            f"return thriveClient.bookCourseStepSession({hasty.choice})", module=changed
        )

    assert error["message"] == "This is not decided yet. Please look again in a minute."


def with_smallest_change(client: str) -> str:
    """The plan's client as the document tells to change it."""
    snippet = block("docs/old-clients.md", "async function outcome").text
    reading, submitting = client.split("// Book a single step session")
    submitting = submitting.replace("return response.json()", "return outcome(response)")
    ending = "error.message || 'Failed to cancel booking');\n      }\n"
    assert (submitting.count("return outcome("), submitting.count(ending)) == (3, 1)
    submitting = submitting.replace(ending, f"{ending}      await outcome(response);\n")
    return f"{snippet}{reading}{submitting}"


def test_thrive_js_takes_the_same_calls_and_gives_what_the_plan_says(hasty: OldSite) -> None:
    script = f"""
        const unbooked = await thriveClient.getUnbookedCourseSteps({hasty.package});
        const made = await thriveClient.bookCourseStepSession({hasty.choice});
        const refused = await thriveClient.bookCourseStepSession({hasty.choice})
          .catch((error) => error.message);
        await thriveClient.cancelCourseStepBooking({hasty.step}, "away");
        return {{ unbooked, made, refused }};
    """
    got = hasty.result(f"thriveClient = thriveJs; {script}")

    assert len(got["unbooked"]) == 1
    assert got["made"]["progress"]["bookingId"] == got["made"]["booking"]["id"]
    assert "already booked" in got["refused"]


def test_a_browser_on_another_origin_lets_the_plans_client_through(
    site: Site, patient: OldSite, school: School, tmp_path: Path
) -> None:
    page = f"""<!doctype html><title>The old site</title>
        <script type="module">
        {OLD_CLIENT.read_text()}
        const tell = (what) => navigator.sendBeacon("/told", JSON.stringify(what));
        const api = "http://127.0.0.1:{patient.browser.port}/api";
        const run = (headers) => oldClient(api, () => headers)
          .bookCourseStepSession({patient.choice}).catch((error) => ({{ error: error.name }}));
        const headers = {json.dumps(patient.headers)};
        tell([await run({{ ...headers, "X-WP-Nonce": "1" }}), await run(headers)]);
        </script>"""
    with served(page, site.other_port) as other, chromium(f"{site.other_origin}/page", tmp_path):
        until(lambda: other.told, 30, "what became of it")
    [[stopped, booked]] = other.told

    assert stopped == {"error": "TypeError"}
    assert booked["status"] == "SUCCEEDED"
    assert jobs(school) == 1
