"""Signs of life, lanes, profiles, rows and steps without an offer: what a line or two do."""

from uuid import uuid4

import pytest
from sqlalchemy import Engine

from models.enrolments import unbooked_steps
from models.heartbeat import beat, seconds_since
from models.job_lanes import lanes_of
from models.policy import Policy
from models.profile import change_profile
from models.set_writing import as_parameter
from tests.school import School


def test_a_kind_of_process_was_alive_when_it_last_said_so(engine: Engine) -> None:
    with engine.begin() as db:
        assert seconds_since(db, "worker") is None
        beat(db, "worker")
        first = seconds_since(db, "worker")
        beat(db, "worker")
        second = seconds_since(db, "worker")
        assert seconds_since(db, "beat") is None
    assert first is not None
    assert second is not None
    assert 0 <= first < 60
    assert 0 <= second < 60


def test_a_job_says_in_which_lanes_it_waits(school: School, engine: Engine) -> None:
    course = school.course()
    job = course.submit(*course.enrol_one())
    with engine.connect() as db:
        assert lanes_of(db, job) == school.job(job).lanes != []
        assert lanes_of(db, uuid4()) == []


def test_nobody_changes_more_of_themselves_than_their_profile(
    school: School, engine: Engine
) -> None:
    student = school.person()
    with (
        engine.begin() as db,
        pytest.raises(ValueError, match="only the fields of the profile can be changed"),
    ):
        change_profile(db, student, {"name": "Somebody", "role": "ADMIN"})
    assert school.rows("SELECT name, role FROM user_account WHERE id = :id", id=student) == [
        (f"Person {student}", "STUDENT")
    ]


def test_a_step_that_nothing_is_offered_for_is_listed_without_options(
    school: School, engine: Engine
) -> None:
    course = school.course(sessions=0)
    student, package = course.enrol_one()
    with engine.connect() as db:
        (step,) = unbooked_steps(db, student, package, school.now, Policy())
    assert (step["step_id"], step["options"]) == (course.step, [])


def test_a_value_that_no_column_has_a_form_for_is_not_written_as_something_else() -> None:
    with pytest.raises(TypeError):
        as_parameter([{"start_at": object()}])
