"""One Idempotency-Key, sent many times at once to a real server of two processes."""

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from models.deciding import decide_lane
from models.invariants import check_invariants
from models.lanes import LANES
from models.round import Decider
from tests.processes import Answer, Processes
from tests.school import School

AT_ONCE = 50


def test_50_submits_of_one_key_at_once_make_one_job_and_one_booking(
    processes: Processes, school: School, decider: Decider
) -> None:
    course = school.course()
    student, package = course.enrol_one()
    web = processes.start_web()
    body = {"courseStepOptionId": course.option, "sessionId": course.sessions[0]}
    start = threading.Barrier(AT_ONCE)

    def submit(_: int) -> Answer:
        start.wait(10)
        return web.book(student, package, course.step, body, Idempotency_Key="once")

    with ThreadPoolExecutor(AT_ONCE) as clients:
        answers = list(clients.map(submit, range(AT_ONCE)))

    assert [answer.status for answer in answers] == [202] * AT_ONCE
    assert len({answer.body["id"] for answer in answers}) == 1
    replayed = [answer.headers.get("idempotency-replayed") for answer in answers]
    assert sorted(replayed, key=str) == [None, *["true"] * (AT_ONCE - 1)]

    assert sum(decide_lane(decider, lane).decided for lane in range(LANES)) == 1
    with school.engine.connect() as db:
        assert db.scalar(text("SELECT count(*) FROM booking")) == 1
    assert check_invariants(school.engine).violations == []

    # the same request, its keys in another order
    swapped = dict(reversed(body.items()))
    again = web.book(student, package, course.step, swapped, Idempotency_Key="once")
    assert again.body["id"] == answers[0].body["id"]
    assert again.body["status"] == "SUCCEEDED"
    assert again.headers["idempotency-replayed"] == "true"

    # another request under the same key
    del body["sessionId"]
    other = web.book(student, package, course.step, body, Idempotency_Key="once")
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")

    # another user's key is another key
    neighbour, package = course.enrol_one()
    own = web.book(neighbour, package, course.step, body, Idempotency_Key="once")
    assert own.status == 202
    assert own.body["id"] != answers[0].body["id"]
    assert "idempotency-replayed" not in own.headers
