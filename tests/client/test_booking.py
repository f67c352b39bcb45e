"""thrive.js against the whole product: what each call results in, and what it rejects with."""

import json
from datetime import timedelta

from tests.client.conftest import Site, Student, Students
from tests.client.giving_up import give_up
from tests.school import DAY, Course, School


def test_a_step_is_booked_changed_and_cancelled(student: Student, course: Course) -> None:
    first, second = course.sessions
    step, choice = student.step(course), student.choice(course)
    page = student.browser.open(f"""
        const [offered] = await thrive.getUnbookedCourseSteps({student.package});
        const booked = await thrive.bookCourseStepSession({choice});
        const left = await thrive.getUnbookedCourseSteps({student.package});
        const sessions = await thrive.getCourseStepSessions({step}, {{ limit: 1 }});
        const changed = await thrive.changeCourseStepSession({choice}, {{ sessionId: {second} }});
        const [enrolment] = await thrive.getCoursePackages();
        const cancelled = await thrive.cancelCourseStepBooking({step}, "I am away");
        return {{ offered, booked, left, sessions, changed, enrolment, cancelled }};
    """)
    got = page.result()
    booking = got["booked"]["booking"]

    assert [option["sessionId"] for option in got["offered"]["options"]] == [first, second]
    assert (booking["sessionId"], booking["bookingType"]) == (first, "COURSE_STEP")
    assert got["booked"]["progress"]["status"] == "BOOKED"
    assert got["booked"]["progress"]["bookingId"] == booking["id"]
    assert got["left"] == []
    assert [option["sessionId"] for option in got["sessions"]] == [first]
    assert got["changed"]["booking"]["sessionId"] == second
    assert got["enrolment"]["steps"][0]["booking"]["id"] == got["changed"]["booking"]["id"]
    assert got["cancelled"]["success"] is True
    assert got["cancelled"]["progress"]["status"] == "UNBOOKED"
    assert page.stored == {}


def test_a_bulk_booking_tells_what_it_booked_and_what_not(
    students: Students, school: School
) -> None:
    program = school.program()
    steps = [school.step(program, order) for order in (1, 2, 3)]
    options = [class_of_a_step(school, step, seats=int(step != steps[0])) for step in steps]
    user = school.person()
    student = students.with_package(user, school.package(user, school.cohort(program)))
    chosen = [
        {"courseStepId": step, "courseStepOptionId": option}
        for step, option in zip(steps, options, strict=True)
        if step != steps[-1]
    ]
    call = f"thrive.bulkBookCourseStepSessions({student.package}, {chosen}"

    refused = student.browser.open(f"return {call})").error()
    result = student.browser.open(f"return {call}, {{ mode: 'BEST_EFFORT' }})").result()

    assert (refused["name"], refused["code"]) == ("RefusedError", "session_full")
    assert [failure["courseStepId"] for failure in refused["failures"]] == [steps[0]]
    assert [failure["code"] for failure in result["failures"]] == ["session_full"]
    assert (result["manualSelections"], result["autoBooked"]) == ([steps[1]], [steps[2]])
    assert len(result["bookings"]) == 2


def class_of_a_step(school: School, step: int, *, seats: int) -> int:
    """A step's option, with one session on a day of its own."""
    group_class = school.group_class(seats)
    school.session(group_class, (2 + step) * DAY)
    return school.option(step, group_class)


def test_a_full_session_is_refused_waited_for_and_not_any_more(
    students: Students, school: School
) -> None:
    course = school.course(capacity=1)
    holder, waiter = students.of(course), students.of(course)
    holder.browser.open(f"return thrive.bookCourseStepSession({holder.choice(course)})").result()

    refused = waiter.browser.open(f"return thrive.bookCourseStepSession({waiter.choice(course)})")
    error = refused.error()
    got = waiter.browser.open(f"""
        const joined = await thrive.joinCourseStepWaitlist({waiter.choice(course)});
        const [enrolment] = await thrive.getCoursePackages();
        const left = await thrive.leaveCourseStepWaitlist({waiter.step(course)});
        return {{ joined, listed: enrolment.steps[0].waitlist, left }};
    """).result()

    assert (error["kind"], error["code"]) == ("refused", "session_full")
    assert error["is"] == ["RefusedError", "ThriveError"]
    assert (error["waitlistOpen"], error["alternatives"]) == (True, [])
    assert error["message"].endswith(".")
    assert refused.stored == {}
    assert got["joined"]["waitlistEntry"]["position"] == 1
    assert got["listed"] == [got["joined"]["waitlistEntry"]]
    assert got["left"]["left"] == [got["joined"]["waitlistEntry"]["id"]]


def test_a_refusal_brings_what_could_be_taken_instead(students: Students, school: School) -> None:
    course = school.course(capacity=1, sessions=2)
    first, second = course.sessions
    choice = f"{{ sessionId: {first} }}"
    errors = []
    for student in (students.of(course), students.of(course)):
        call = f"thrive.bookCourseStepSession({student.choice(course)}, {choice})"
        errors.append(student.browser.open(f"return {call}").outcome())

    assert "result" in errors[0]
    assert [one["sessionId"] for one in errors[1]["error"]["alternatives"]] == [second]


def test_who_waits_is_told_the_place_and_then_the_result(
    site: Site, students: Students, course: Course
) -> None:
    ahead, behind = students.of(course), students.of(course)
    with site.worker.suspended():
        first = ahead.browser.open(f"return thrive.bookCourseStepSession({ahead.choice(course)})")
        first.await_status("QUEUED")
        page = behind.browser.open(f"return thrive.bookCourseStepSession({behind.choice(course)})")
        waiting = page.await_progress(lambda told: told["position"] == 1, "a place in the queue")
        assert page.said("result") == []

    assert page.result()["progress"]["status"] == "BOOKED"
    assert page.progress[0] == {
        "jobId": None,
        "status": "SENDING",
        "position": None,
        "estimatedSeconds": None,
        "seconds": 0,
    }
    assert waiting["status"] == "QUEUED"
    assert waiting["estimatedSeconds"] >= 0
    assert (page.progress[-1]["status"], page.progress[-1]["position"]) == ("SUCCEEDED", None)
    assert page.progress[-1]["seconds"] >= 1
    assert {told["jobId"] for told in page.progress[1:]} == {waiting["jobId"]}
    about = {"call": "bookCourseStepSession", "packageId": behind.package, "stepId": course.step}
    assert page.said("about") == [about] * len(page.progress)


def test_what_is_withdrawn_rejects_for_who_follows_it(
    site: Site, student: Student, course: Course
) -> None:
    with site.worker.suspended():
        page = student.browser.open(
            f"return thrive.bookCourseStepSession({student.choice(course)})"
        )
        job_id = page.await_status("QUEUED")["jobId"]
        job = student.browser.open(f"return thrive.withdraw('{job_id}')").result()
        error = page.error()

    assert job["status"] == "WITHDRAWN"
    assert (error["kind"], error["code"], error["jobId"]) == ("withdrawn", "withdrawn", job_id)
    assert page.stored == {}


def test_a_job_that_is_decided_is_not_withdrawn(student: Student, course: Course) -> None:
    page = student.browser.open(f"return thrive.bookCourseStepSession({student.choice(course)})")
    page.result()
    job_id = page.progress[-1]["jobId"]
    error = student.browser.open(f"return thrive.withdraw('{job_id}')").error()

    assert (error["kind"], error["code"], error["status"]) == (
        *("rejected", "job_already_decided", 409),
    )


def test_a_job_that_was_given_up_rejects(
    site: Site, school: School, student: Student, course: Course
) -> None:
    with site.worker.suspended():
        page = student.browser.open(
            f"return thrive.bookCourseStepSession({student.choice(course)})"
        )
        job_id = page.await_status("QUEUED")["jobId"]
        give_up(school, job_id)
        error = page.error()

    assert (error["kind"], error["code"], error["name"]) == ("failed", "job_failed", "FailedError")
    assert error["message"] == "A sentence."


def test_whoever_ends_the_following_leaves_the_request(
    site: Site, student: Student, course: Course
) -> None:
    with site.worker.suspended():
        page = student.browser.open(f"""
            const ending = new AbortController();
            const booked = thrive.bookCourseStepSession({student.choice(course)}, {{
                signal: ending.signal,
                onProgress: ({{ status }}) => status === "QUEUED" && ending.abort(),
            }});
            return booked.catch((error) => error.name);
        """)
        assert page.result() == "AbortError"
        assert len(page.stored) == 1
        resumed = student.browser.reload(page, "return thrive.resume()[0].outcome")

    assert resumed.result()["progress"]["status"] == "BOOKED"
    assert resumed.stored == {}


def test_a_job_of_somebody_elses_page_is_followed(
    site: Site, student: Student, course: Course
) -> None:
    request = {"courseStepOptionId": course.option}
    with site.worker.suspended():
        job_id = site.web.book(student.id, student.package, course.step, request).body["id"]
        page = student.browser.open(f"return thrive.followJob('{job_id}')")
        page.await_status("QUEUED")

    assert page.result()["progress"]["status"] == "BOOKED"


def test_what_is_wrong_with_a_request_is_told(student: Student, course: Course) -> None:
    unknown = f"{student.package}, {course.step + 1}, {course.option}"
    invalid = f"{student.package}, {course.step}, 'x'"
    errors = [
        student.browser.open(f"return thrive.bookCourseStepSession({arguments})").error()
        for arguments in (unknown, invalid)
    ]

    assert [(error["kind"], error["code"], error["status"]) for error in errors] == [
        ("rejected", "not_found", 404),
        ("rejected", "invalid_fields", 422),
    ]


def test_staff_submit_by_the_same_client(students: Students, school: School) -> None:
    course = school.course()
    staff = students.with_package(school.person("STAFF"), 0)
    path = f"/api/admin/sessions/{course.sessions[0]}/capacity"
    body = {"capacityMax": 12, "reason": "A larger room"}
    result = staff.browser.open(f"return thrive.submit('POST', '{path}', {body})").result()

    assert result["session"]["capacityMax"] == 12


def test_a_login_that_expired_is_told_and_the_request_waits_for_the_next_one(
    student: Student, course: Course
) -> None:
    script = f"return thrive.bookCourseStepSession({student.choice(course)})"
    expired = student.browser.token(lasts=timedelta(minutes=-5))
    page = student.browser.open(script, token=expired)
    error = page.error()
    script = "return thrive.resume()[0].outcome"
    resumed = student.browser.reload(page, script, token=student.browser.token())

    assert (error["name"], error["kind"], error["code"]) == (
        *("SignInError", "signIn", "invalid_token"),
    )
    assert (error["status"], error["message"][-1]) == (401, ".")
    assert resumed.result()["progress"]["status"] == "BOOKED"


def test_the_token_is_asked_for_each_time_and_goes_nowhere_else(student: Student) -> None:
    page = student.browser.open("""
        let asked = 0;
        const token = async () => (asked++, options.token);
        const other = new api.ThriveClient({ ...options, token });
        await other.getCoursePackages();
        const html = await other.getPage("/api/docs");
        const elsewhere = await other.getPage("http://localhost:1/").catch((error) => error.name);
        return { asked, html, elsewhere };
    """)
    got = page.result()

    assert got["asked"] == 2
    assert "<title>" in got["html"]
    assert got["elsewhere"] == "TypeError"


def test_a_page_that_leads_to_signing_in_says_that_the_login_expired(student: Student) -> None:
    script = "return thrive.getPage('/')"
    expired = student.browser.token(lasts=timedelta(minutes=-5))

    assert "Your courses" in student.browser.open(script).result()
    assert student.browser.open(script, token=expired).error()["kind"] == "signIn"


def test_the_plans_events_are_dispatched_and_heard(student: Student) -> None:
    asked = {"packageId": 1, "stepId": 2, "stepLabel": "a", "stepTitle": "b", "isModifying": False}
    script = """
        const heard = [];
        for (const type of ["thrive-course:stepBooked", "thrive-course:bookStep"]) {
            window.addEventListener(type, (event) => heard.push([event.type, event.detail]));
        }
        const listened = [];
        const end = api.onCourseStepBooked((detail) => listened.push(detail.stepId));
        api.onBookStep((detail) => listened.push(detail.stepTitle));
        api.dispatchCourseStepBooked({ packageId: 1, stepId: 2, success: true, bookingId: 3 });
        end();
        api.dispatchCourseStepBooked({ packageId: 1, stepId: 4, success: false });
        api.dispatchBookStep(asked);
        return { heard, listened };
    """
    got = student.browser.open(f"const asked = {json.dumps(asked)};{script}").result()

    assert got["heard"] == [
        [
            "thrive-course:stepBooked",
            {"packageId": 1, "stepId": 2, "success": True, "bookingId": 3},
        ],
        ["thrive-course:stepBooked", {"packageId": 1, "stepId": 4, "success": False}],
        ["thrive-course:bookStep", asked],
    ]
    assert got["listened"] == [2, "b"]
