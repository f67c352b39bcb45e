"""Everybody's jobs."""

from uuid import uuid4

import pytest

from models.round import Decider
from tests.app.rows import job
from tests.app.students import Student, decide
from tests.app.visitors import Visitor
from tests.school import School

PATH = "/api/admin/jobs"


def test_a_students_job_is_shown_with_whom_and_what_it_is_about(
    staff: Visitor, student: Student, decider: Decider
) -> None:
    location = student.book().headers["Location"]
    decide(decider)
    own = student.get(location).json
    assert staff.items(PATH) == [
        own
        | {
            "userId": student.id,
            "submittedBy": student.id,
            "sessionId": None,
            "packageId": student.package,
            "stepId": student.course.step,
        }
    ]
    assert staff.get(f"{PATH}/{own['id']}").json == staff.items(PATH)[0]


def test_a_job_of_the_product_itself_is_nobodys(staff: Visitor, school: School) -> None:
    promotion = job(school, kind="PROMOTE", status="QUEUED", session_id=5)
    shown = staff.get(f"{PATH}/{promotion}").json
    assert (shown["userId"], shown["submittedBy"], shown["sessionId"]) == (None, None, 5)
    assert shown["position"] is not None


def test_jobs_are_listed_page_by_page_the_newest_first(staff: Visitor, school: School) -> None:
    owners = [7, 8, 7]
    made = [job(school, user_id=owner) for owner in owners]
    assert [page["items"][0]["id"] for page in staff.pages(PATH)] == made[::-1]
    assert [page["items"][0]["id"] for page in staff.pages(PATH, userId=7)] == [made[2], made[0]]


def test_jobs_are_listed_by_status_kind_and_user(staff: Visitor, school: School) -> None:
    queued = job(school, status="QUEUED", user_id=7)
    failed = job(school, status="FAILED", error={"code": "x", "message": "", "detail": ""})
    moved = job(school, kind="MOVE_SESSION", user_id=9)
    assert staff.ids(PATH, status="QUEUED") == [queued]
    assert staff.ids(PATH, status="FAILED") == [failed]
    assert staff.ids(PATH, kind="MOVE_SESSION") == [moved]
    assert staff.ids(PATH, userId=7) == [queued]
    assert staff.ids(PATH, userId=7, status="QUEUED", kind="BOOK_STEP") == [queued]
    assert staff.ids(PATH, userId=7, kind="PROMOTE") == []


def test_a_cursor_is_a_job_of_the_list(staff: Visitor, school: School) -> None:
    mine, others = job(school, user_id=7), job(school, user_id=8)
    assert staff.ids(PATH, cursor=others) == [mine]
    for forged, query in ((str(uuid4()), {}), ("abc", {}), ("1", {}), (others, {"userId": 7})):
        answer = staff.get(PATH, {"cursor": forged} | query)
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["cursor"])


@pytest.mark.parametrize("one", [True, False])
def test_an_unchanged_answer_is_a_304(staff: Visitor, school: School, *, one: bool) -> None:
    made = job(school)
    path = f"{PATH}/{made}" if one else PATH
    tag = staff.get(path).headers["ETag"]
    answer = staff.get(path, If_None_Match=tag)
    assert (answer.status_code, answer.data) == (304, b"")


def test_anybodys_job_can_be_waited_for(staff: Visitor, student: Student, deciding: None) -> None:
    made = student.book().json["id"]
    answer = staff.get(f"{PATH}/{made}", Prefer="wait=10")
    assert answer.json["status"] == "SUCCEEDED"
    assert answer.headers["Preference-Applied"] == "wait=10"
