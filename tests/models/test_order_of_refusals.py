"""Of several reasons against a booking the first in the rules' order is told."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from sqlalchemy import text

from models.deciding import decide_lane
from models.refusal import RefusalCode
from models.round import Decider
from tests.models.test_locked_rows import lane_of
from tests.school import DAY, HOUR, School

COMES = 3 * DAY
"""When the session starts that is asked for by name."""


@dataclass
class Case:
    """What is asked for, and what is then changed to give reasons against it."""

    school: School
    program: dict[str, Any] = field(default_factory=dict)
    package: dict[str, Any] = field(default_factory=dict)
    option: dict[str, Any] = field(default_factory=dict)
    session: dict[str, Any] = field(default_factory=dict)
    booked_already: bool = False
    holds_a_seat_then: bool = False
    holds_a_later_step_before: bool = False
    of_another_class: bool = False

    def ask(self, decider: Decider) -> str:
        """Submit it, decide it, and return the refusal's code."""
        school = self.school
        program = school.program()
        step, later = school.step(program, 1), school.step(program, 2)
        group_class = school.group_class()
        option = school.option(step, group_class)
        session = school.session(
            school.group_class() if self.of_another_class else group_class, COMES
        )
        student = school.person()
        package = school.package(student, school.cohort(program))
        if self.booked_already:
            self._book(decider, student, package, step, 9 * DAY)
        if self.holds_a_later_step_before:
            self._book(decider, student, package, later, 2 * DAY)
        if self.holds_a_seat_then:
            other = school.course(sessions=0)
            bought = school.package(student, other.cohort)
            held = self._book(decider, student, bought, other.step, COMES)
            self._change("session", held, self._times())
        self._change("course_program", program, self.program)
        self._change("student_package", package, self.package)
        self._change("course_step_option", option, self.option)
        self._change("session", session, self.session)
        job = school.submit(student, package, step, option, session)
        decide_lane(decider, lane_of(school, job))
        return str(school.job(job).error["code"])

    def _book(
        self, decider: Decider, student: int, package: int, step: int, starts_in: timedelta
    ) -> int:
        """Book a session of a class of its own; returns the session."""
        school = self.school
        group_class = school.group_class()
        session = school.session(group_class, starts_in)
        job = school.submit(student, package, step, school.option(step, group_class))
        decide_lane(decider, lane_of(school, job))
        assert school.job(job).status == "SUCCEEDED"
        return session

    def _times(self) -> dict[str, Any]:
        return {name: at for name, at in self.session.items() if name.endswith("_at")}

    def _change(self, table: str, row_id: int, columns: dict[str, Any]) -> None:
        if columns:
            assignments = ", ".join(f"{name} = :{name}" for name in columns)
            with self.school.engine.begin() as db:
                db.execute(
                    text(f"UPDATE {table} SET {assignments} WHERE id = :row_id"),
                    {**columns, "row_id": row_id},
                )


def not_for_others(case: Case) -> None:
    case.package["status"] = "CANCELLED"


def expires(case: Case) -> None:
    case.package["expires_at"] = case.school.now + HOUR


def opens_later(case: Case) -> None:
    case.program["booking_opens_at"] = case.school.now + HOUR


def is_booked(case: Case) -> None:
    case.booked_already = True


def is_inactive(case: Case) -> None:
    case.option["is_active"] = False


def is_elsewhere(case: Case) -> None:
    case.of_another_class = True


def is_cancelled(case: Case) -> None:
    case.session["status"] = "CANCELLED"


def has_started(case: Case) -> None:
    case.session["start_at"] = case.school.now - HOUR / 2
    case.session["end_at"] = case.school.now + HOUR / 2


def overlaps(case: Case) -> None:
    case.holds_a_seat_then = True


def is_out_of_order(case: Case) -> None:
    case.program["ordered"] = True
    case.holds_a_later_step_before = True


def is_full(case: Case) -> None:
    case.session["capacity_max"] = 0


REASONS = [
    (RefusalCode.PACKAGE_INACTIVE, not_for_others),
    (RefusalCode.PACKAGE_EXPIRED, expires),
    (RefusalCode.NOT_OPEN_YET, opens_later),
    (RefusalCode.STEP_ALREADY_BOOKED, is_booked),
    (RefusalCode.OPTION_INVALID, is_inactive),
    (RefusalCode.SESSION_INVALID, is_elsewhere),
    (RefusalCode.SESSION_CANCELLED, is_cancelled),
    (RefusalCode.SESSION_STARTED, has_started),
    (RefusalCode.TIME_CONFLICT, overlaps),
    (RefusalCode.OUT_OF_ORDER, is_out_of_order),
    (RefusalCode.SESSION_FULL, is_full),
]
CANT_MEET = {
    # a session of another class is not what is asked for, whenever it starts
    (RefusalCode.PACKAGE_EXPIRED, RefusalCode.SESSION_INVALID),
    # a session that began is before the end of every package that still runs
    (RefusalCode.PACKAGE_EXPIRED, RefusalCode.SESSION_STARTED),
}
PAIRS = [
    pytest.param(*earlier, *later, id=f"{earlier[0]} before {later[0]}")
    for earlier, later in combinations(REASONS, 2)
    if (earlier[0], later[0]) not in CANT_MEET
]


@pytest.mark.parametrize(("code", "reason"), REASONS, ids=[code for code, _ in REASONS])
def test_each_reason_by_itself(
    school: School, decider: Decider, code: RefusalCode, reason: Any
) -> None:
    case = Case(school)
    reason(case)
    assert case.ask(decider) == code


@pytest.mark.parametrize(("code", "first", "other_code", "second"), PAIRS)
def test_of_two_reasons_the_first_is_told(  # noqa: PLR0917 - the pair's parts
    school: School,
    decider: Decider,
    code: RefusalCode,
    first: Any,
    other_code: RefusalCode,
    second: Any,
) -> None:
    case = Case(school)
    second(case)
    first(case)
    assert case.ask(decider) == code != other_code
