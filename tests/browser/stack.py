"""The product as it runs, with the demo school: what the windows of the tests look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, text

from app.demo import load_demo, write_logins
from app.tokens import issue_token
from models.policy import Policy
from tests.processes import Processes, Running, Web, until
from tests.school import DAY, Course, Pupil, School

DEMO_ENDS_AT = 10_000
"""Ids of rows that tests add begin here."""


@dataclass
class Stack:
    """A web server, a worker and the sweep on a database of their own."""

    processes: Processes
    engine: Engine
    web: Web
    worker: Running
    sweep: Running

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.web.port}"

    @property
    def school(self) -> School:
        """The demo school, to be furnished with more as of now."""
        return School(self.engine, datetime.now(UTC))

    def token(self, user_id: int, lifetime: timedelta = timedelta(hours=1)) -> str:
        return issue_token(self.web.settings, user_id, lifetime, datetime.now(UTC))

    def settle(self, *jobs: UUID) -> None:
        """Wait until the worker has decided these."""
        for job in jobs:
            until(lambda job=job: self.school.job(job).status != "QUEUED", what="a decision")

    def fill(self, course: Course, session: int) -> Pupil:
        """Give a seat of this session to a student, who is returned."""
        pupil = course.pupil()
        self.settle(pupil.book(session))
        return pupil

    @contextmanager
    def undecided(self) -> Iterator[None]:
        """Let nobody decide anything: neither the worker nor the sweep, which stands in for it."""
        with self.sweep.suspended(), self.worker.suspended():
            yield

    @contextmanager
    def without_worker(self) -> Iterator[None]:
        """End the worker for a while; the sweep doesn't stand in for it either."""
        with self.sweep.suspended():
            self.processes.end(self.worker)
            yield
            self.worker = self.processes.start_worker("bookings")


def start_stack(processes: Processes, engine: Engine) -> Stack:
    """Start it, with the demo school in it."""
    policy = Policy(timedelta(hours=24), timedelta(hours=24))
    load_demo(engine, datetime.now(UTC), policy)
    _keep_ids_apart(engine)
    write_logins(engine, processes.settings.var / "demo.json")
    worker = processes.launch_worker("bookings")
    sweep = processes.start_sweep()
    return Stack(processes, engine, processes.start_web(), worker, sweep)


def _keep_ids_apart(engine: Engine) -> None:
    """The demo brings its own ids, of which the database's counters know nothing."""
    with engine.begin() as db:
        names = db.scalars(
            text("SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences")
        )
        for name in names.all():
            db.execute(text("SELECT setval(:name, :last)"), {"name": name, "last": DEMO_ENDS_AT})


def add_step(course: Course) -> int:
    """Give a course a further step, with a class of its own, and return its id."""
    school = course.school
    step, group_class = school.step(course.program, 2), school.group_class(name="Breathing")
    school.option(step, group_class)
    school.session(group_class, 10 * DAY)
    return step
