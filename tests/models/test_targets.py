"""What a request is about: nothing, where it is not there or not theirs."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, Engine

from models import staff_targets, targets
from models.submitting import Target
from tests.school import School

UNKNOWN = 999

Find = Callable[[Connection, int, int, int], Target | None]


@pytest.mark.parametrize(
    "find",
    [
        lambda db, who, package, step: targets.step_target(db, who, package, step, UNKNOWN),
        targets.seat_target,
        targets.waiting_target,
        lambda db, who, package, _: targets.package_target(db, who, package, []),
    ],
    ids=["step", "seat", "waiting", "package"],
)
def test_another_students_package_is_not_there(school: School, engine: Engine, find: Find) -> None:
    course = school.course()
    (student, package), (other, _) = course.enrol(2)
    with engine.connect() as db:
        assert find(db, other, package, course.step) is None
        found = find(db, student, package, course.step)
    assert found is not None
    assert (found.user_id, found.student_package_id) == (student, package)


@pytest.mark.parametrize(
    "find",
    [
        staff_targets.class_target,
        staff_targets.session_target,
        staff_targets.booking_target,
        staff_targets.cancelled_package_target,
    ],
)
def test_staff_find_nothing_where_nothing_is(
    engine: Engine, find: Callable[[Connection, int], Target | None]
) -> None:
    with engine.connect() as db:
        assert find(db, UNKNOWN) is None


def test_a_teacher_finds_sessions_of_their_own_classes_only(school: School, engine: Engine) -> None:
    teacher, other = school.person("TEACHER"), school.person("TEACHER")
    session = school.session(school.group_class(teacher_id=teacher))
    with engine.connect() as db:
        assert staff_targets.session_target(db, session, taught_by=other) is None
        found = staff_targets.session_target(db, session, taught_by=teacher)
    assert found is not None
    assert found.session_id == session
