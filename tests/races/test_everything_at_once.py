"""Jobs of all kinds over the same few classes, students and packages: no deadlock, no remains."""

import random
import time

from sqlalchemy import text

from models.bulk_booking import BulkMode
from models.invariants import check_invariants
from tests.processes import until
from tests.races.academy import Academy, Student, make_academy
from tests.races.contests import Racers, await_decisions, deadlocks
from tests.school import School

CLASSES, STEPS, STUDENTS, SEATS = 8, 3, 100, 10
SECONDS = 8
KINDS = {"BOOK_STEP", "CANCEL_STEP", "JOIN_WAITLIST", "PROMOTE"}
"""Those that have to succeed at least; on a busy machine it goes on until they have."""
BACKLOG = 100
"""Jobs in the queue at the most: those of each student wait for each other."""


class Crowd:
    """Students who do anything, whether it makes sense or not; and staff who cancel and add."""

    def __init__(self, school: School) -> None:
        self.academy: Academy = make_academy(
            school, [SEATS] * CLASSES, choices=[list(range(CLASSES))] * STEPS, scattered=True
        )
        self.students: list[Student] = self.academy.enrol(STUDENTS)
        self.capacities = [SEATS] * CLASSES

    def act(self) -> None:
        """Submit ten requests of any kind at once, unless enough wait already."""
        if self.waiting() > BACKLOG:
            time.sleep(0.01)
            return
        with self.academy.school.engine.begin() as db:
            for _ in range(10):
                self._submit_any(db)

    def _submit_any(self, db: object) -> None:
        academy, one = self.academy, random.choice(self.students)
        step, place = random.randrange(STEPS), random.randrange(CLASSES)
        kind = random.choices(
            ["book", "change", "cancel", "join", "leave", "bulk", "seats", "drop", "end"],
            [30, 25, 15, 25, 5, 3, 1, 0.5, 0.3],
        )[0]
        if kind in {"book", "change", "join"}:
            getattr(academy, kind)(db, one, step, place)
        elif kind in {"cancel", "leave"}:
            getattr(academy, kind)(db, one, step)
        elif kind == "bulk":
            places = random.sample(range(CLASSES), STEPS)
            academy.book_all(db, one, list(enumerate(places)), random.choice(list(BulkMode)))
        elif kind == "seats":
            self.capacities[place] += 1
            academy.set_capacity(db, place, self.capacities[place])
        elif kind == "drop":
            academy.cancel_package(db, one)
        else:
            academy.cancel_session(db, place)

    def kinds(self) -> set[str]:
        """The kinds of jobs that succeeded."""
        query = text("SELECT DISTINCT kind FROM booking_job WHERE status = 'SUCCEEDED'")
        with self.academy.school.engine.connect() as db:
            return set(db.scalars(query))

    def waiting(self) -> int:
        with self.academy.school.engine.connect() as db:
            return db.scalar(text("SELECT count(*) FROM job_queue")) or 0

    def failed(self) -> int:
        query = text(
            "SELECT count(*) FROM booking_job WHERE status NOT IN ('SUCCEEDED', 'REFUSED')"
        )
        with self.academy.school.engine.connect() as db:
            return db.scalar(query) or 0


def test_all_kinds_of_jobs_at_once_meet_no_deadlock_and_leave_nothing_behind(
    school: School, racers: Racers
) -> None:
    crowd = Crowd(school)
    before = deadlocks(school)
    ends = time.monotonic() + SECONDS

    def is_enough() -> bool:
        crowd.act()
        return time.monotonic() > ends and crowd.kinds() > KINDS

    with racers():
        until(is_enough, 60, "a job of each kind", every=0)
        await_decisions(school)

    assert deadlocks(school) == before
    assert crowd.failed() == 0
    assert check_invariants(school.engine).violations == []


def test_control_without_one_lock_order_deadlocks_are_met_and_counted(
    school: School, racers: Racers
) -> None:
    crowd = Crowd(school)
    before = deadlocks(school)

    def has_met_one() -> bool:
        crowd.act()
        return deadlocks(school) > before

    with racers("lock order") as logged:
        until(has_met_one, 30, "a deadlock")
    assert logged["round is tried again"]
