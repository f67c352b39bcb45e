"""Of several reasons against a request the first in the rules' order is told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from models.booking_job import JobKind
from models.refusal import RefusalCode
from models.round import Decider
from tests.deciding import decide_all
from tests.school import DAY, HOUR, Pupil, School

COMES = 3 * DAY
"""When the session starts that is asked for by name."""
R = RefusalCode


@dataclass
class Case:
    """What is asked for, and what is then changed to give reasons against it."""

    school: School
    decider: Decider
    kind: JobKind
    program: dict[str, Any] = field(default_factory=dict)
    package: dict[str, Any] = field(default_factory=dict)
    option: dict[str, Any] = field(default_factory=dict)
    session: dict[str, Any] = field(default_factory=dict)
    free_seats: int = 1
    has_a_seat: bool = False
    has_that_seat: bool = False
    window_closed: bool = False
    completed: bool = False
    is_there_otherwise: bool = False
    holds_a_seat_then: bool = False
    holds_a_later_step_before: bool = False
    waits: bool = False
    of_another_class: bool = False

    def ask(self) -> str:
        """Submit it, decide it, and return the refusal's code."""
        school = self.school
        program = school.program()
        step, later = school.step(program, 1), school.step(program, 2)
        group_class = school.group_class()
        option = school.option(step, group_class)
        class_of_session = school.group_class() if self.of_another_class else group_class
        session = school.session(class_of_session, COMES)
        student = school.person()
        pupil = Pupil(
            school, student, school.package(student, school.cohort(program)), step, option
        )
        if self.waits:
            school.change("session", session, capacity_max=0)
            self._ask(JobKind.JOIN_WAITLIST, pupil, session)
            school.change("session", session, capacity_max=10)
        if self.has_that_seat:
            there = school.option(step, class_of_session) if self.of_another_class else option
            self._ask(JobKind.BOOK_STEP, pupil, session, option=there)
        elif self.has_a_seat:
            self._book_elsewhere(pupil, step, 9 * DAY)
        later_session = (
            self._book_elsewhere(pupil, later, 2 * DAY) if self.holds_a_later_step_before else None
        )
        if self.is_there_otherwise:
            school.staff().book_seat(student, session)
            decide_all(self.decider)
        overlapping = self._guest_then(student) if self.holds_a_seat_then else None
        self._spoil(pupil, program, session)
        start = self.session.get("start_at", school.now + COMES)
        for other, begins in ((later_session, start - DAY), (overlapping, start)):
            if other is not None:
                school.change("session", other, start_at=begins, end_at=begins + HOUR)
        job = school.submit(student, pupil.package, step, option, session, kind=self.kind)
        decide_all(self.decider)
        return school.refusal(job)

    def _ask(self, kind: JobKind, pupil: Pupil, session: int, **others: Any) -> None:
        option = others.get("option", pupil.option)
        step = others.get("step", pupil.step)
        job = self.school.submit(pupil.id, pupil.package, step, option, session, kind=kind)
        decide_all(self.decider)
        self.school.result(job)

    def _book_elsewhere(self, pupil: Pupil, step: int, starts_in: timedelta) -> int:
        """Book a session of a class of its own; returns the session."""
        group_class = self.school.group_class()
        session = self.school.session(group_class, starts_in)
        option = self.school.option(step, group_class)
        self._ask(JobKind.BOOK_STEP, pupil, session, step=step, option=option)
        return session

    def _guest_then(self, student: int) -> int:
        session = self.school.session(self.school.group_class(), 20 * DAY)
        job = self.school.staff().book_seat(student, session)
        decide_all(self.decider)
        self.school.result(job)
        return session

    def _spoil(self, pupil: Pupil, program: int, session: int) -> None:
        """Change what was stored, behind the product's back."""
        changes = {
            ("course_program", program): self.program,
            ("student_package", pupil.package): self.package,
            ("course_step_option", pupil.option): self.option,
            ("session", session): self.session,
        }
        for (table, row_id), columns in changes.items():
            if columns:
                self.school.change(table, row_id, **columns)
        with self.school.engine.begin() as db:
            for statement in self._statements():
                db.execute(
                    text(statement),
                    {
                        "session": session,
                        "free": self.free_seats,
                        "package": pupil.package,
                        "step": pupil.step,
                        "past": self.school.now - HOUR,
                    },
                )

    def _statements(self) -> Iterator[str]:
        of_step = "student_package_id = :package AND course_step_id = :step"
        yield "UPDATE session SET capacity_max = seats_taken + :free WHERE id = :session"
        if self.window_closed:
            yield f"UPDATE booking SET change_until = :past WHERE {of_step}"
        if self.completed:
            yield f"UPDATE booking SET status = 'ATTENDED' WHERE {of_step}"
            yield (f"UPDATE student_course_step_progress SET status = 'COMPLETED' WHERE {of_step}")


def is_inactive(case: Case) -> None:
    case.package["status"] = "CANCELLED"


def expires(case: Case) -> None:
    case.package["expires_at"] = case.school.now + HOUR / 2


def opens_later(case: Case) -> None:
    case.program["booking_opens_at"] = case.school.now + HOUR


def is_booked(case: Case) -> None:
    case.has_a_seat = True


def is_unbooked(case: Case) -> None:
    case.has_a_seat = False


def is_completed(case: Case) -> None:
    case.completed = case.has_a_seat = True


def is_not_offered(case: Case) -> None:
    case.option["is_active"] = False


def is_elsewhere(case: Case) -> None:
    case.of_another_class = True


def is_cancelled(case: Case) -> None:
    case.session["status"] = "CANCELLED"


def starts(case: Case, at: datetime) -> None:
    case.session |= {"start_at": at, "end_at": at + HOUR}


def has_started(case: Case) -> None:
    starts(case, case.school.now - HOUR / 2)


def is_the_one_held(case: Case) -> None:
    case.has_that_seat = True


def cannot_be_left(case: Case) -> None:
    case.window_closed = case.has_a_seat = True


def has_the_student(case: Case) -> None:
    case.is_there_otherwise = True


def overlaps(case: Case) -> None:
    case.holds_a_seat_then = True


def is_out_of_order(case: Case) -> None:
    case.program["ordered"] = True
    case.holds_a_later_step_before = True


def is_full(case: Case) -> None:
    case.free_seats = 0


def is_not_full(case: Case) -> None:
    case.free_seats = 1


def is_waited_for(case: Case) -> None:
    case.waits = True


def starts_soon(case: Case) -> None:
    starts(case, case.school.now + HOUR)


Reason = tuple[RefusalCode, Callable[[Case], None]]

BEFORE: list[Reason] = [
    (R.PACKAGE_INACTIVE, is_inactive),
    (R.PACKAGE_EXPIRED, expires),
    (R.NOT_OPEN_YET, opens_later),
]
CHOICE: list[Reason] = [
    (R.OPTION_INVALID, is_not_offered),
    (R.SESSION_INVALID, is_elsewhere),
    (R.SESSION_CANCELLED, is_cancelled),
    (R.SESSION_STARTED, has_started),
]
LEAVING: list[Reason] = [
    (R.SAME_SESSION, is_the_one_held),
    (R.TOO_LATE_TO_CHANGE, cannot_be_left),
]
ATTENDING: list[Reason] = [
    (R.ALREADY_IN_SESSION, has_the_student),
    (R.TIME_CONFLICT, overlaps),
    (R.OUT_OF_ORDER, is_out_of_order),
]
REASONS: dict[JobKind, list[Reason]] = {
    JobKind.BOOK_STEP: [
        *BEFORE,
        (R.STEP_ALREADY_BOOKED, is_booked),
        *CHOICE,
        *ATTENDING,
        (R.SESSION_FULL, is_full),
    ],
    JobKind.CHANGE_STEP: [
        *BEFORE,
        (R.NOT_BOOKED, is_unbooked),
        *CHOICE,
        *LEAVING,
        *ATTENDING,
        (R.SESSION_FULL, is_full),
    ],
    JobKind.JOIN_WAITLIST: [
        *BEFORE,
        (R.STEP_ALREADY_BOOKED, is_completed),
        *CHOICE,
        *LEAVING,
        *ATTENDING,
        (R.SESSION_NOT_FULL, is_not_full),
        (R.ALREADY_WAITLISTED, is_waited_for),
        (R.WAITLIST_CLOSED, starts_soon),
    ],
}
CANT_MEET = {
    # a session of another class is not what is asked for, whenever it starts
    frozenset({R.PACKAGE_EXPIRED, R.SESSION_INVALID}),
    # a session that began is before the end of every package that still runs
    frozenset({R.PACKAGE_EXPIRED, R.SESSION_STARTED}),
    frozenset({R.SESSION_STARTED, R.WAITLIST_CLOSED}),
    # without a seat there is none to leave
    frozenset({R.NOT_BOOKED, R.SAME_SESSION}),
    frozenset({R.NOT_BOOKED, R.TOO_LATE_TO_CHANGE}),
    # nobody holds two seats at once
    frozenset({R.SAME_SESSION, R.ALREADY_IN_SESSION}),
    # a seat there is a seat at that time as well
    frozenset({R.ALREADY_IN_SESSION, R.TIME_CONFLICT}),
    # nobody waits for what they have, or for a session of another class
    frozenset({R.ALREADY_WAITLISTED, R.SAME_SESSION}),
    frozenset({R.ALREADY_WAITLISTED, R.SESSION_INVALID}),
}


def meetings() -> Iterator[Any]:
    """Each reason by itself, and with the later ones: few at a time where some can't meet."""
    for kind, reasons in REASONS.items():
        for place, first in enumerate(reasons):
            yield pytest.param(kind, first, [], id=f"{kind}: {first[0]} alone")
            left = [one for one in reasons[place + 1 :] if {first[0], one[0]} not in CANT_MEET]
            while left:
                together: list[Reason] = []
                for one in left:
                    if all({one[0], other[0]} not in CANT_MEET for other in together):
                        together.append(one)
                left = [one for one in left if one not in together]
                names = ", ".join(code for code, _ in together)
                yield pytest.param(kind, first, together, id=f"{kind}: {first[0]} before {names}")


@pytest.mark.parametrize(("kind", "first", "later"), list(meetings()))
def test_of_several_reasons_the_first_is_told(
    school: School, decider: Decider, kind: JobKind, first: Reason, later: list[Reason]
) -> None:
    case = Case(school, decider, kind)
    case.has_a_seat = kind == JobKind.CHANGE_STEP
    case.free_seats = 0 if kind == JobKind.JOIN_WAITLIST else 1
    for _, apply in [*reversed(later), first]:
        apply(case)
    assert case.ask() == first[0]


@pytest.mark.parametrize("kind", REASONS)
def test_the_rules_order_is_that_of_the_codes(kind: JobKind) -> None:
    codes = [code for code, _ in REASONS[kind]]
    assert codes == [code for code in RefusalCode if code in codes]


def test_every_reason_of_a_kind_is_tried_before_every_later_one_that_it_can_meet() -> None:
    tried = {
        (param.values[0], param.values[1][0], code)
        for param in meetings()
        for code, _ in param.values[2]
    }
    wanted = {
        (kind, first[0], later[0])
        for kind, reasons in REASONS.items()
        for place, first in enumerate(reasons)
        for later in reasons[place + 1 :]
        if {first[0], later[0]} not in CANT_MEET
    }
    assert tried == wanted
