"""A dry run says whom a deed of staff would concern and what they could take, and does nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from models.round import Decider
from models.schema import metadata
from tests.deciding import booked, decide_all, waiting
from tests.school import DAY, HOUR, Course, Pupil, School, Staff

pytestmark = pytest.mark.usefixtures("sound")

OF_THE_JOB = {"booking_job", "job_queue"}
"""What a dry run may leave behind: its own outcome."""


@dataclass
class Planned:
    """A full session with two seats taken and a student who waits; a later one with one seat."""

    school: School
    staff: Staff
    course: Course
    holders: list[Pupil]
    waiting: Pupil


@pytest.fixture
def planned(school: School, decider: Decider) -> Planned:
    course, other = school.course(capacity=2), school.course(sessions=0)
    holders = [booked(course, decider) for _ in range(2)]
    waits = waiting(course, decider)
    school.session(course.group_class, 9 * DAY)
    holders[1].of(other).book(school.session(other.group_class, 6 * DAY))
    decide_all(decider)
    return Planned(school, school.staff(), course, holders, waits)


def cancelled(planned: Planned, *, dry_run: bool) -> UUID:
    return planned.staff.cancel_session(planned.course.sessions[0], dry_run=dry_run)


def moved(planned: Planned, *, dry_run: bool) -> UUID:
    start = planned.school.now + 6 * DAY + HOUR / 2
    return planned.staff.move_session(planned.course.sessions[0], start, dry_run=dry_run)


def enlarged(planned: Planned, *, dry_run: bool) -> UUID:
    return planned.staff.set_capacity(planned.course.sessions[0], 5, dry_run=dry_run)


def refunded(planned: Planned, *, dry_run: bool) -> UUID:
    return planned.staff.cancel_package(planned.holders[0].package, dry_run=dry_run)


DEEDS = [cancelled, moved, enlarged, refunded]


def contents(school: School) -> dict[str, list[Any]]:
    """All that is stored, but for jobs."""
    return {
        table.name: sorted(map(str, school.rows(f"SELECT * FROM {table.name}")))
        for table in metadata.sorted_tables
        if table.name not in OF_THE_JOB
    }


@pytest.mark.parametrize("deed", DEEDS)
def test_a_dry_run_changes_nothing(
    planned: Planned, decider: Decider, deed: Callable[..., UUID]
) -> None:
    before = contents(planned.school)
    jobs = planned.school.rows("SELECT id FROM booking_job ORDER BY arrival")
    job = deed(planned, dry_run=True)
    decide_all(decider)

    result = planned.school.result(job)
    assert result.keys() == {"dry_run", "affected"}
    assert result["dry_run"] is True
    assert len(result["affected"]) > 0
    assert contents(planned.school) == before
    assert planned.school.rows("SELECT id FROM booking_job ORDER BY arrival") == [*jobs, (job,)]
    assert planned.school.rows("SELECT job_id FROM job_queue") == []


@pytest.mark.parametrize("deed", [cancelled, moved, refunded])
def test_what_a_dry_run_says_is_what_then_happens(
    planned: Planned, decider: Decider, deed: Callable[..., UUID]
) -> None:
    said = deed(planned, dry_run=True)
    decide_all(decider)
    before = contents(planned.school)
    done = deed(planned, dry_run=False)
    decide_all(decider)

    result = planned.school.result(done)
    assert planned.school.result(said)["affected"] == result["affected"]
    assert "dry_run" not in result
    assert contents(planned.school)["booking"] != before["booking"]


def test_it_says_what_each_student_would_be_offered(planned: Planned, decider: Decider) -> None:
    """Whoever could not attend the later session is not offered it."""
    [(later,)] = planned.school.rows(
        "SELECT max(id) FROM session WHERE group_class_id = :id", id=planned.course.group_class
    )
    busy = planned.school.session(planned.school.group_class(), 9 * DAY)
    planned.staff.book_seat(planned.holders[1].id, busy)
    decide_all(decider)
    job = cancelled(planned, dry_run=True)
    decide_all(decider)

    affected = planned.school.result(job)["affected"]
    assert [one["student_id"] for one in affected] == [pupil.id for pupil in planned.holders]
    assert [one["outcome"] for one in affected] == ["CANCELLED", "CANCELLED"]
    offered = [[o["session_id"] for o in one["alternatives"]] for one in affected]
    assert offered == [[later], []]


def test_it_says_who_would_be_moved_and_who_released(planned: Planned, decider: Decider) -> None:
    job = moved(planned, dry_run=True)
    decide_all(decider)
    affected = planned.school.result(job)["affected"]
    assert [(one["student_id"], one["outcome"]) for one in affected] == [
        (planned.holders[0].id, "MOVED"),
        (planned.holders[1].id, "CANCELLED"),
    ]


def test_it_says_who_would_be_promoted(planned: Planned, decider: Decider) -> None:
    job = enlarged(planned, dry_run=True)
    decide_all(decider)
    affected = planned.school.result(job)["affected"]
    assert [(one["student_id"], one["outcome"]) for one in affected] == [
        (planned.waiting.id, "PROMOTED")
    ]
    enlarged(planned, dry_run=False)
    decide_all(decider)
    assert planned.waiting.sits_in() == planned.course.sessions[0]


def test_a_dry_run_is_refused_like_the_deed(planned: Planned, decider: Decider) -> None:
    session = planned.course.sessions[0]
    jobs = [
        planned.staff.set_capacity(session, 1, dry_run=True),
        planned.staff.move_session(session, planned.school.now - DAY, dry_run=True),
    ]
    decide_all(decider)
    codes = [planned.school.refusal(job) for job in jobs]
    assert codes == ["capacity_too_low", "session_started"]


def test_jobs_beside_a_dry_run_are_decided_as_if_it_were_not_there(
    planned: Planned, decider: Decider
) -> None:
    """What a dry run did to the desk is thrown away, so nobody else may be judged at it."""
    jobs = [
        planned.staff.book_seat(planned.school.person(), planned.course.sessions[0]),
        enlarged(planned, dry_run=True),
        planned.staff.book_seat(planned.school.person(), planned.course.sessions[0]),
    ]
    decide_all(decider)
    assert [planned.school.refusal(jobs[n]) for n in (0, 2)] == ["session_full"] * 2
    assert planned.waiting.waiting() == ["WAITING"]
