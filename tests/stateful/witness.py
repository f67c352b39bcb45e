"""Sees to it that the product and the model agree, job by job and row by row."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from models.booking_job import JobKind, JobQueue, Priority
from models.deciding import decide_lane
from models.invariants import find_violations
from models.policy import Policy
from models.round import Decider
from models.submitting import Request, Target, submit
from models.withdrawing import withdraw
from tests.emptying import empty_tables
from tests.stateful import deeds
from tests.stateful.database import decided_order, name_bookings, outcome_of, predicted, stored
from tests.stateful.furnishing import Furnishing, Plan
from tests.stateful.turns import OF_AN_OPTION, needed, overtaken
from tests.stateful.world import GRACE, WINDOW, Job, World

EXAMPLES_A_DATABASE = 20
MOST_VISITS = 60
Thing = TypeVar("Thing")


class Statistics(Counter[str]):
    """How often what happened, over all examples of a run."""


@dataclass
class Witness:
    """Hands every request to the product and, once it is decided, to the model.

    Where the rules leave the order to chance, as between lanes, the model follows the product.
    """

    engine: Engine
    world: World
    statistics: Statistics
    last_arrival: int
    queued: dict[UUID, Job] = field(default_factory=dict)
    decided_promotions: set[UUID] = field(default_factory=set)
    one_by_one: bool = False
    """Whether every job is a batch of its own: what is offered instead is what is free then."""
    disagreed: bool = False

    @classmethod
    def of_new_school(cls, engine: Engine, plan: Plan, statistics: Statistics) -> "Witness":
        """A school of its own in the database, which is emptied only now and then."""
        place = statistics["examples"] % EXAMPLES_A_DATABASE
        if place == 0:
            empty(engine)
        statistics["examples"] += 1
        with engine.begin() as db:
            world = Furnishing(db, (place + 1) * 1600, plan).furnish()
            last = db.scalar(text("SELECT max(arrival) FROM booking_job")) or 0
        return cls(engine, world, statistics, last)

    def submit(
        self,
        db: Connection,
        kind: JobKind,
        by: int,
        target: Target | None,
        *,
        body: dict[str, Any],
        priority: Priority = Priority.ORDINARY,
        submitted_from: str | None = None,
    ) -> None:
        assert target is not None
        request = Request(
            kind=kind,
            submitted_by=by,
            target=target,
            body=body,
            priority=priority,
            submitted_from=submitted_from,
        )
        row = submit(db, request, self.world.now).job
        assert row is not None
        bought = target.student_package_id
        if bought and any(job.package == bought for job in self.queued.values()):
            # nobody goes ahead of what the same package asked for before
            priority = Priority.ORDINARY
        places = db.execute(JobQueue.__table__.select().where(JobQueue.job_id == row.id)).all()
        with self._watching():
            assert {place.priority for place in places} == {priority}
        self.queued[row.id] = Job(
            id=row.id,
            kind=kind.value,
            at=self.world.now,
            by=by,
            place=(priority, row.arrival),
            lanes=tuple(target.lanes),
            package=bought,
            step=target.course_step_id,
            user=target.user_id,
            session=target.session_id,
            body=body | target.facts,
        )

    def withdraw(self, which: int) -> None:
        """Take back one of the jobs that wait."""
        job = pick(list(self.queued.values()), which)
        with self.engine.begin() as db:
            row = withdraw(db, job.id, job.by, self.world.now)
        with self._watching():
            assert row is not None
            assert row.status == "WITHDRAWN"
        del self.queued[job.id]
        self.statistics["withdrawn"] += 1
        self._compare()

    def decide(self, first: int, *, only_one: bool = False) -> None:
        """Visit lanes until nobody waits, or only one, as a single woken worker would."""
        policy = Policy(WINDOW, WINDOW, self.world.cutoff)
        decider = Decider(self.engine, lambda: self.world.now, policy)
        visits = 0
        while lanes := self._lanes():
            decide_lane(decider, pick(lanes, first + visits))
            visits += 1
            if only_one:
                break
            with self._watching():
                assert visits <= MOST_VISITS, "a queue is never emptied"
        with self._watching():
            self._learn()
            if not only_one:
                assert not self.queued
                assert not needed(self.world), "a free seat is promised to nobody in its line"

    @contextmanager
    def _watching(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.disagreed = True
            raise

    def _lanes(self) -> list[int]:
        with self.engine.connect() as db:
            return list(db.scalars(text("SELECT DISTINCT lane FROM job_queue ORDER BY lane")))

    def _learn(self) -> None:
        """Follow the product's order of deciding, and hold each outcome to the model's."""
        with self.engine.connect() as db:
            rows = decided_order(db, self.last_arrival)
        promotions = self._promotions(rows)
        waiting = self.queued | promotions
        decided = [row for row in rows if row.id in waiting and row.status != "QUEUED"]
        for row in sorted(decided, key=lambda row: (row.written_by, waiting[row.id].place)):
            self.queued.pop(row.id, None)
            self._follow(row, waiting[row.id])
        open_ones = {row.session_id for row in rows if _is_open_promotion(row)}
        assert needed(self.world) <= open_ones
        self._compare()

    def _promotions(self, rows: Iterable[Any]) -> dict[UUID, Job]:
        """The promotions that nobody asked for and that weren't seen decided before."""
        found = {
            row.id: Job(
                id=row.id,
                kind=row.kind,
                at=row.submitted_at,
                by=0,
                place=(Priority.WAITLIST, row.arrival),
                lanes=tuple(row.lanes),
                session=row.session_id,
            )
            for row in rows
            if row.kind == "PROMOTE" and row.id not in self.decided_promotions
        }
        self.decided_promotions |= {row.id for row in rows if row.status != "QUEUED"}
        return found

    def _follow(self, row: Any, job: Job) -> None:
        assert overtaken(self.world, job, self.queued.values()) == []
        added = (row.result or {}).get("session", {}).get("id")
        outcome = deeds.decide(self.world, job, added)
        found = outcome_of(row)
        assert found == outcome, f"the product says {found}, the model {outcome}, of {job}"
        if outcome.status == "REFUSED" and self.one_by_one and job.kind in OF_AN_OPTION:
            offered = [offer["session_id"] for offer in row.error["alternatives"]]
            fitting = deeds.alternatives(self.world, job, outcome.code)
            assert offered == fitting, f"{offered} offered, not {fitting}, to {job}, {found}"
        assert row.decided_at == self.world.now
        assert row.attempts == 1
        self.statistics[f"{job.kind} {outcome.code or outcome.status}"] += 1
        if job.kind == "PROMOTE":
            self.statistics["promoted"] += outcome.facts[0]
            late = self.world.now > self.world.sessions[job.session or 0].start - GRACE
            self.statistics["promoted in the last hour"] += outcome.facts[0] * late
            self.statistics.update(f"skip {code}" for code in outcome.facts[1])

    def _compare(self) -> None:
        with self._watching(), self.engine.connect() as db:
            found = stored(db, self.world.users, self.world.classes)
            for name, rows in predicted(self.world).items():
                assert found[name] == rows, name
            assert find_violations(db) == []
            name_bookings(db, self.world)
        self.statistics["comparisons"] += 1


def _is_open_promotion(row: Any) -> bool:
    return bool(row.kind == "PROMOTE" and row.status == "QUEUED")


def pick(things: list[Thing], number_of_thing: int) -> Thing:
    return things[number_of_thing % len(things)]


def empty(engine: Engine) -> None:
    with engine.begin() as db:
        empty_tables(db)
