"""Reading the audit log."""

from tests.app.rows import audited, job
from tests.app.visitors import Visitor, refused_cursors
from tests.school import HOUR, School

PATH = "/api/admin/audit"


def test_an_entry_says_who_did_what_when_why_and_from_where(staff: Visitor, school: School) -> None:
    did_it = job(school)
    entry = audited(
        school,
        actor_id=staff.id,
        subject_id=5,
        reason="Heating",
        detail={"seats": 3},
        source="192.0.2.7",
        booking_job_id=did_it,
    )
    (shown,) = staff.items(PATH)
    assert shown.pop("at").endswith("Z")
    assert shown == {
        "id": entry,
        "actorId": staff.id,
        "action": "MOVE_SESSION",
        "subject": "session",
        "subjectId": 5,
        "reason": "Heating",
        "detail": {"seats": 3},
        "source": "192.0.2.7",
        "jobId": did_it,
    }


def test_what_the_product_did_has_neither_actor_nor_source(staff: Visitor, school: School) -> None:
    audited(school)
    (shown,) = staff.items(PATH)
    for field in ("actorId", "subjectId", "reason", "source", "jobId"):
        assert shown[field] is None
    assert shown["detail"] == {}


def test_entries_are_listed_page_by_page_the_newest_first(staff: Visitor, school: School) -> None:
    hours = [1, 3, 2, 2]
    made = [audited(school, at=school.now + hour * HOUR, actor_id=7) for hour in hours]
    newest_first = [made[1], made[3], made[2], made[0]]
    assert [page["items"][0]["id"] for page in staff.pages(PATH)] == newest_first
    assert [page["items"][0]["id"] for page in staff.pages(PATH, actorId=7)] == newest_first


def test_entries_are_listed_by_actor_and_time(staff: Visitor, school: School) -> None:
    by_hour = {
        hour: audited(school, at=school.now + hour * HOUR, actor_id=7 + hour) for hour in (1, 2, 3)
    }
    at = {hour: (school.now + hour * HOUR).isoformat() for hour in (1, 2, 3)}
    assert staff.ids(PATH, actorId=8) == [by_hour[1]]
    assert staff.ids(PATH, from_=at[2]) == [by_hour[3], by_hour[2]]
    assert staff.ids(PATH, to=at[2]) == [by_hour[1]]
    assert staff.ids(PATH, from_=at[1], to=at[3], actorId=9) == [by_hour[2]]


def test_what_isnt_a_place_in_the_log_is_refused(staff: Visitor, school: School) -> None:
    for _ in range(2):
        audited(school)
    refused_cursors(staff, PATH)
