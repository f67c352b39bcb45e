"""A program of several steps in classes of different lanes, and the requests about it."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, text

from models.booking_job import JobKind, Priority
from models.deciding import decide_lane
from models.enrolment import StudentPackage
from models.lanes import LANES
from models.people import UserAccount
from models.round import Decider
from models.staff_targets import cancelled_package_target, session_target
from models.submitting import Request, Target, submit
from models.targets import package_target, seat_target, step_target, waiting_target
from tests.school import DAY, School


@dataclass(frozen=True)
class Student:
    """A student and the one package that they bought."""

    user: int
    package: int


@dataclass
class Academy:
    """Its classes have one session each; each step can be taken in some of them.

    Classes and steps are named by their places: `options[step, place]`. With `scattered`, jobs
    that belong in one lane are dealt to all of them.
    """

    school: School
    cohort: int
    steps: list[int]
    classes: list[int]
    sessions: list[int]
    options: dict[tuple[int, int], int]
    staff: int
    scattered: bool = False

    def enrol(self, count: int) -> list[Student]:
        with self.school.engine.begin() as db:
            rows = [
                {"email": f"{random.random()}@school.example", "name": f"S {n}", "role": "STUDENT"}
                for n in range(count)
            ]
            users = list(db.scalars(insert(UserAccount).returning(UserAccount.id), rows))
            packages = [
                {"user_id": user, "course_cohort_id": self.cohort, "package_name": "Race"}
                for user in users
            ]
            made = db.execute(
                insert(StudentPackage).returning(StudentPackage.user_id, StudentPackage.id),
                packages,
            ).all()
            db.execute(
                text(
                    "INSERT INTO student_course_step_progress (student_package_id, course_step_id)"
                    " SELECT package, step FROM unnest(CAST(:packages AS bigint[])) AS package,"
                    " unnest(CAST(:steps AS bigint[])) AS step"
                ),
                {"packages": [row.id for row in made], "steps": self.steps},
            )
        return sorted((Student(row.user_id, row.id) for row in made), key=lambda who: who.user)

    def book(self, db: Connection, who: Student, step: int, place: int) -> UUID:
        return self._choose(db, JobKind.BOOK_STEP, who, step, place)

    def change(self, db: Connection, who: Student, step: int, place: int) -> UUID:
        return self._choose(db, JobKind.CHANGE_STEP, who, step, place)

    def join(self, db: Connection, who: Student, step: int, place: int) -> UUID:
        return self._choose(db, JobKind.JOIN_WAITLIST, who, step, place)

    def cancel(self, db: Connection, who: Student, step: int) -> UUID:
        target = seat_target(db, who.user, who.package, self.steps[step])
        return self._accept(db, JobKind.CANCEL_STEP, who.user, target)

    def leave(
        self, db: Connection, who: Student, step: int, priority: Priority = Priority.WAITLIST
    ) -> UUID:
        target = waiting_target(db, who.user, who.package, self.steps[step])
        return self._accept(db, JobKind.LEAVE_WAITLIST, who.user, target, priority=priority)

    def book_all(
        self, db: Connection, who: Student, choices: Sequence[tuple[int, int]], mode: str
    ) -> UUID:
        """What the wizard sends: pairs of step and place."""
        option_ids = [self.options[choice] for choice in choices]
        selections = [
            {
                "course_step_id": self.steps[step],
                "course_step_option_id": self.options[step, place],
                "session_id": self.sessions[place],
            }
            for step, place in choices
        ]
        target = package_target(db, who.user, who.package, option_ids)
        body = {"selections": selections, "mode": mode}
        return self._accept(db, JobKind.BULK_BOOK, who.user, target, body=body)

    def cancel_session(self, db: Connection, place: int) -> UUID:
        target = session_target(db, self.sessions[place])
        return self._accept_deed(db, JobKind.CANCEL_SESSION, target, {"reason": "The hall burned"})

    def set_capacity(self, db: Connection, place: int, capacity: int) -> UUID:
        target = session_target(db, self.sessions[place])
        return self._accept_deed(db, JobKind.SET_CAPACITY, target, {"capacity_max": capacity})

    def cancel_package(self, db: Connection, who: Student) -> UUID:
        target = cancelled_package_target(db, who.package)
        return self._accept_deed(db, JobKind.CANCEL_PACKAGE, target, {"reason": "Paid back"})

    def seat(self, decider: Decider, seats: Iterable[tuple[int, int, Iterable[Student]]]) -> None:
        """Before the race begins: seat students for steps in classes, named by their places."""
        with self.school.engine.begin() as db:
            jobs = [self.book(db, one, step, place) for step, place, who in seats for one in who]
        self._settle(decider, jobs)

    def queue(self, decider: Decider, who: Iterable[Student], step: int, place: int) -> None:
        """Before the race begins: let them wait for a seat of a class, in this order."""
        with self.school.engine.begin() as db:
            jobs = [self.join(db, one, step, place) for one in who]
        self._settle(decider, jobs)

    def _settle(self, decider: Decider, jobs: list[UUID]) -> None:
        """Decide everything in this process."""
        query = text("SELECT DISTINCT lane FROM job_queue")
        with self.school.engine.connect() as db:
            lanes = list(db.scalars(query))
        for lane in lanes:
            decide_lane(decider, lane)
        assert set(self.outcomes(jobs).values()) <= {"SUCCEEDED"}, self.outcomes(jobs)

    def outcomes(self, jobs: Iterable[UUID]) -> dict[UUID, str]:
        """What each of these jobs came to: its state, or the code of its refusal."""
        rows = self._rows(
            "SELECT id, CASE WHEN status = 'REFUSED' THEN error->>'code' ELSE status END AS found"
            " FROM booking_job WHERE id = ANY (:jobs)",
            jobs=list(jobs),
        )
        found = {row.id: row.found for row in rows}
        return {job: found[job] for job in jobs}

    def seated(self, place: int) -> list[int]:
        """Who holds a seat in this class, in the order of getting it."""
        query = "SELECT user_id FROM booking WHERE session_id = :id AND holds_seat ORDER BY id"
        return [row.user_id for row in self._rows(query, id=self.sessions[place])]

    def seats_of(self, who: Iterable[Student]) -> Counter[int]:
        """How many seats each of these students holds; those with none are there, too."""
        users = [one.user for one in who]
        query = (
            "SELECT id, (SELECT count(*) FROM booking WHERE user_id = u.id AND holds_seat) AS n"
            " FROM user_account AS u WHERE id = ANY (:users)"
        )
        return Counter({row.id: row.n for row in self._rows(query, users=users)})

    def _choose(self, db: Connection, kind: JobKind, who: Student, step: int, place: int) -> UUID:
        option = self.options[step, place]
        target = step_target(db, who.user, who.package, self.steps[step], option)
        body = {"course_step_option_id": option, "session_id": self.sessions[place]}
        return self._accept(db, kind, who.user, target, body=body)

    def _accept_deed(
        self, db: Connection, kind: JobKind, target: Target | None, body: dict[str, Any]
    ) -> UUID:
        return self._accept(db, kind, self.staff, target, body=body, priority=Priority.STAFF)

    def _accept(
        self,
        db: Connection,
        kind: JobKind,
        submitted_by: int,
        target: Target | None,
        *,
        body: Mapping[str, Any] = {},
        priority: Priority = Priority.ORDINARY,
    ) -> UUID:
        assert target is not None
        if self.scattered and len(target.lanes) == 1:
            target = replace(target, lanes=frozenset({random.randrange(LANES)}))
        request = Request(
            kind=kind,
            submitted_by=submitted_by,
            target=target,
            body=dict(body),
            priority=priority,
        )
        job = submit(db, request, self.school.now).job
        assert job is not None
        return job.id

    def _rows(self, query: str, **parameters: Any) -> list[Any]:
        with self.school.engine.connect() as db:
            return list(db.execute(text(query), parameters))


def make_academy(
    school: School,
    capacities: Sequence[int],
    *,
    choices: Sequence[Sequence[int]] | None = None,
    starts_in: timedelta = 3 * DAY,
    scattered: bool = False,
) -> Academy:
    """Classes of these capacities, a day apart; step number n is taken in `choices[n]`.

    Without choices each class has a step of its own.
    """
    choices = choices or [[place] for place in range(len(capacities))]
    program = school.program()
    classes = [school.group_class(capacity) for capacity in capacities]
    sessions = [school.session(id_, starts_in + n * DAY) for n, id_ in enumerate(classes)]
    steps = [school.step(program, order) for order in range(1, len(choices) + 1)]
    options = {
        (step, place): school.option(steps[step], classes[place])
        for step, places in enumerate(choices)
        for place in places
    }
    staff = school.person("STAFF")
    return Academy(
        school, school.cohort(program), steps, classes, sessions, options, staff, scattered
    )
