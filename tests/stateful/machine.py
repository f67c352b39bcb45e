"""Random operations on a small school, each compared with what the model says of it."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import Connection, Engine

from models import desk_reading, scope_reading
from models import round as rounds
from models.booking_job import JobKind, Priority
from models.staff_targets import (
    booking_target,
    cancelled_package_target,
    class_target,
    seat_booking_target,
    session_target,
    step_booking_target,
)
from models.submitting import Target
from models.targets import package_target, seat_target, step_target, waiting_target
from tests.stateful.furnishing import HOUR, Plan
from tests.stateful.witness import Statistics, Witness, pick
from tests.stateful.world import Booking, Package, Session, Step, World

MOST_QUEUED = 7

number = st.integers(0, 11)
maybe = st.none() | number
rarely = st.sampled_from([False, False, False, False, True])
ASKS = [JobKind.BOOK_STEP] * 4 + [JobKind.JOIN_WAITLIST] * 3 + [JobKind.CHANGE_STEP] * 2
ASKS_FOR_FULL = [JobKind.JOIN_WAITLIST] * 5 + [JobKind.BOOK_STEP, JobKind.CHANGE_STEP]
PLANNING = [
    *[JobKind.SET_CAPACITY] * 3,
    *[JobKind.MOVE_SESSION] * 2,
    JobKind.ADD_SESSION,
    JobKind.CANCEL_SESSION,
]
plans = st.builds(
    Plan,
    starts=st.sampled_from(
        [
            (1, 1, 2, 2, 26, 26),
            (26, 26, 27, 50, 51, 50),
            (3, 3, 4, 26, 28, 50),
            (1, 2, 1, 30, 2, 30),
            (26,) * 6,
        ]
    ),
    sizes=st.sampled_from(
        [(1, 1, 1, 1, 1, 1), (1, 0, 1, 0, 1, 0), (2, 1, 1, 0, 0, 1), (0, 0, 1, 0, 1, 0)]
    ),
    ordered=st.booleans(),
    opens_in=st.sampled_from([None, None, None, None, None, 1]),
    change_hours=st.sampled_from([None, 0, 2, 25]),
    cancel_hours=st.sampled_from([None, 0, 2, 25]),
    second_option=st.booleans(),
    third_step=st.booleans(),
    pins=st.booleans(),
    expires_in=st.sampled_from([None, None, 2, 26, 30]),
    cutoff_hours=st.sampled_from([2, 0]),
)


class SchoolMachine(RuleBasedStateMachine):
    """A school whose clock, staff and students are in the machine's hand."""

    def __init__(self, engine: Engine, statistics: Statistics) -> None:
        super().__init__()
        self.engine = engine
        self.statistics = statistics
        self.witness: Witness | None = None

    @initialize(
        plan=plans,
        eager=st.booleans(),
        batch=st.sampled_from([1, 3, 100]),
        lines=st.lists(st.tuples(number, number, st.booleans()), max_size=5),
    )
    def furnish(
        self, plan: Plan, *, eager: bool, batch: int, lines: list[tuple[int, int, bool]]
    ) -> None:
        """`eager`: every job is decided as soon as it is submitted; `lines`: who waits already."""
        self.eager = eager
        self.witness = Witness.of_new_school(self.engine, plan, self.statistics)
        rounds.BATCH = batch
        self.witness.one_by_one = batch == 1
        # several promotions of a batch look at lines of the same moment
        self.witness.world.candidates = 2 if batch == 1 else 20
        for module in desk_reading, scope_reading:
            module.CANDIDATES = self.witness.world.candidates
        for place, session, any_of_class in lines:
            self.ask_where_it_is_full(
                kind=JobKind.JOIN_WAITLIST,
                place=place,
                session=session,
                any_of_class=any_of_class,
            )

    @property
    def _witness(self) -> Witness:
        assert self.witness is not None
        return self.witness

    @property
    def _world(self) -> World:
        return self._witness.world

    # --- students ---------------------------------------------------------------------------

    @rule(kind=st.sampled_from(ASKS), package=number, step=number, option=number, session=maybe)
    def ask(self, kind: JobKind, package: int, step: int, option: int, session: int | None) -> None:
        if kind == JobKind.JOIN_WAITLIST and option % 2:
            self.ask_where_it_is_full(
                kind=kind, place=package, session=step, any_of_class=session is None
            )
            return
        if kind == JobKind.CHANGE_STEP:
            place = self._seated_step(package)
        else:
            place = self._open_step(package, step)
        self._submit_ask(kind, *place, self._option_body(place[1], option, session))

    @rule(
        kind=st.sampled_from(ASKS_FOR_FULL),
        place=number,
        session=number,
        any_of_class=st.booleans(),
    )
    def ask_where_it_is_full(
        self, *, kind: JobKind, place: int, session: int, any_of_class: bool
    ) -> None:
        """For a full session, or for any of a class that has one; so that there are lines."""
        full = [s for s in self._world.sessions.values() if self._is_full(s)]
        if not full:
            self.ask_for_all(place, [], "BEST_EFFORT")
            return
        wanted = pick(full, session)
        places = [
            (package, option)
            for package in self._world.packages.values()
            for option in self._world.options.values()
            if option.step.program is package.program and option.class_id == wanted.class_id
            if option.is_active or place == 11
        ]
        if not places:
            return
        package, option = pick(places, place)
        body = {"course_step_option_id": option.id}
        body |= {} if any_of_class else {"session_id": wanted.id}
        self._submit_ask(kind, package, option.step, body)

    @rule(
        package=number,
        choices=st.lists(st.tuples(number, number, maybe), max_size=3, unique_by=lambda c: c[0]),
        mode=st.sampled_from(["ALL_OR_NOTHING", "BEST_EFFORT"]),
    )
    def ask_for_all(
        self, package: int, choices: list[tuple[int, int, int | None]], mode: str
    ) -> None:
        bought = self._package(package)
        steps = self._world.steps_of(bought)
        chosen = {pick(steps, step).id: (step, option, s) for step, option, s in choices}
        selections = [
            {"course_step_id": id_} | self._option_body(pick(steps, step), option, session)
            for id_, (step, option, session) in chosen.items()
        ]
        with self.engine.begin() as db:
            options = [selection["course_step_option_id"] for selection in selections]
            target = package_target(db, bought.user, bought.id, options)
            body = {"selections": selections, "mode": mode}
            self._witness.submit(db, JobKind.BULK_BOOK, bought.user, target, body=body)
        self._decide_if_eager()

    @rule(what=st.sampled_from(["seat", "seat", "line", "job"]), which=number)
    def give_up(self, what: str, which: int) -> None:
        if what == "job":
            if self._witness.queued:
                self._witness.withdraw(which)
        elif what == "seat":
            package, step = self._seated_step(which)
            with self.engine.begin() as db:
                target = seat_target(db, package.user, package.id, step.id)
                self._witness.submit(
                    db, JobKind.CANCEL_STEP, package.user, target, body={"reason": "ill"}
                )
        else:
            entries = [e for e in self._world.entries if e.waits]
            line = pick(entries, which) if entries and which < 11 else None
            package, step = (line.package, line.step) if line else self._open_step(which, 0)
            with self.engine.begin() as db:
                target = waiting_target(db, package.user, package.id, step.id)
                kind, priority = JobKind.LEAVE_WAITLIST, Priority.WAITLIST
                self._witness.submit(db, kind, package.user, target, body={}, priority=priority)
        self._decide_if_eager()

    # --- staff ------------------------------------------------------------------------------

    @rule(package=number, step=number, option=number, session=maybe, override=st.booleans())
    def book_for_student(
        self, *, package: int, step: int, option: int, session: int | None, override: bool
    ) -> None:
        bought, of = self._open_step(package, step)
        body = {"package_id": bought.id, "course_step_id": of.id}
        body |= self._option_body(of, option, session) | waiver(waived=override)
        with self.engine.begin() as db:
            self._submit_deed(db, JobKind.BOOK_STEP, step_booking_target(db, body), body)
        self._decide_if_eager()

    @rule(change=st.booleans(), seat=number, option=number, session=maybe, override=st.booleans())
    def see_to_booking(
        self, *, change: bool, seat: int, option: int, session: int | None, override: bool
    ) -> None:
        """Change or cancel it."""
        booking = self._booking(seat)
        if booking is None:
            return
        kind, body = JobKind.CANCEL_STEP, {"reason": "asked to"} | waiver(waived=override)
        if change:
            step = booking.step or next(iter(self._world.steps.values()))
            kind = JobKind.CHANGE_STEP
            body = self._option_body(step, option, session) | waiver(waived=override)
        with self.engine.begin() as db:
            target = booking_target(db, booking.known_as, body.get("course_step_option_id"))
            self._submit_deed(db, kind, target, body)
        self._decide_if_eager()

    @rule(user=number, session=number, type_=st.sampled_from(["DROP_IN", "WORKSHOP"]))
    def book_seat(self, user: int, session: int, type_: str) -> None:
        body = {
            "booking_type": type_,
            "user_id": pick(self._world.users, user),
            "session_id": self._session(session).id,
        }
        if self._is_full(self._world.sessions[body["session_id"]]) and user % 4:
            return
        with self.engine.begin() as db:
            self._submit_deed(db, JobKind.BOOK_SEAT, seat_booking_target(db, body), body)
        self._decide_if_eager()

    @rule(
        kind=st.sampled_from(PLANNING),
        session=number,
        start=number,
        minutes=st.sampled_from([30, 60, 120]),
        size=st.sampled_from([0, 1, 1, 2, 2, 3]),
        dry_run=rarely,
    )
    def see_to_session(
        self, *, kind: JobKind, session: int, start: int, minutes: int, size: int, dry_run: bool
    ) -> None:
        """Add, move or cancel one, or set how many fit in."""
        if kind == JobKind.CANCEL_SESSION and start % 3:
            kind = JobKind.SET_CAPACITY
        about = self._session(session)
        body: dict[str, Any] = {"reason": "room"} | ({"dry_run": True} if dry_run else {})
        if kind in {JobKind.ADD_SESSION, JobKind.MOVE_SESSION}:
            body |= self._times(start, minutes)
        if kind == JobKind.SET_CAPACITY:
            body |= {"capacity_max": size}
        with self.engine.begin() as db:
            if kind == JobKind.ADD_SESSION:
                body = self._times(start, minutes) | ({"capacity_max": size} if size < 3 else {})
                target = class_target(db, about.class_id)
            else:
                target = session_target(db, about.id)
            self._submit_deed(db, kind, target, body)
        self._decide_if_eager()

    @rule(session=number, how=st.sampled_from(["room", "room", "leaving", "moving"]), which=number)
    def make_room(self, session: int, how: str, which: int) -> None:
        """In a session that somebody waits for."""
        coming = [s for s in self._world.sessions.values() if self._world.line_of(s)]
        if not coming:
            return
        about = pick(coming, session)
        seats = [seat for seat in self._world.seats_in(about) if seat.known_as is not None]
        with self.engine.begin() as db:
            if how == "leaving" and seats:
                body = {"reason": "asked to"} | waiver(waived=which < 6)
                target = booking_target(db, pick(seats, which).known_as)
                self._submit_deed(db, JobKind.CANCEL_STEP, target, body)
            elif how == "moving":
                body = {"reason": "room"} | self._times(which, 60)
                self._submit_deed(db, JobKind.MOVE_SESSION, session_target(db, about.id), body)
            else:
                body = {"reason": "room", "capacity_max": about.capacity + 1 + which % 2}
                body |= {"dry_run": True} if which == 11 else {}
                self._submit_deed(db, JobKind.SET_CAPACITY, session_target(db, about.id), body)
        self._decide_if_eager()

    @rule(
        seats=st.lists(number, min_size=1, max_size=2, unique=True),
        status=st.sampled_from(["ATTENDED", "NO_SHOW", "CONFIRMED"]),
    )
    def mark(self, seats: list[int], status: str) -> None:
        bookings = {seat: self._booking(seat) for seat in seats}
        ids = list(dict.fromkeys(b.known_as for b in bookings.values() if b))
        if not ids:
            return
        session = self._world.booking_known_as(ids[0]).session
        body = {"marks": [{"booking_id": id_, "status": status} for id_ in ids]}
        with self.engine.begin() as db:
            target = session_target(db, session.id)
            self._submit_deed(db, JobKind.MARK_ATTENDANCE, target, body)
        self._decide_if_eager()

    @rule(package=number, dry_run=rarely, really=rarely)
    def cancel_package(self, *, package: int, dry_run: bool, really: bool) -> None:
        if not (really or dry_run):
            return
        bought = self._package(package)
        body = {"reason": "paid back"} | ({"dry_run": True} if dry_run else {})
        with self.engine.begin() as db:
            target = cancelled_package_target(db, bought.id)
            self._submit_deed(db, JobKind.CANCEL_PACKAGE, target, body)
        self._decide_if_eager()

    # --- time and deciding ------------------------------------------------------------------

    @rule(edge=number, beside=st.sampled_from([-1, 0, 0, 1]))
    def wait(self, edge: int, beside: int) -> None:
        """Until one of the next instants at which a rule changes its mind, or a little."""
        edges = self._world.edges()[:3]
        if edges and edge < 3:
            at = pick(edges, edge) + timedelta(microseconds=beside)
            self._world.now = max(self._world.now, at)
        else:
            self._world.now += timedelta(minutes=edge)

    @rule(first=number, one_lane=st.booleans())
    def decide(self, *, first: int, one_lane: bool) -> None:
        """All of it; or what a single woken worker would, so that promotions stay behind."""
        self._witness.decide(first, only_one=one_lane)

    def teardown(self) -> None:
        if self.witness is not None and not self.witness.disagreed:
            self.witness.decide(0)

    # --- how it is done ---------------------------------------------------------------------

    def _submit_ask(
        self, kind: JobKind, package: Package, step: Step, body: dict[str, Any]
    ) -> None:
        with self.engine.begin() as db:
            option = body["course_step_option_id"]
            target = step_target(db, package.user, package.id, step.id, option)
            self._witness.submit(db, kind, package.user, target, body=body)
        self._decide_if_eager()

    def _open_step(self, package: int, step: int) -> tuple[Package, Step]:
        """A step without a seat, mostly."""
        bought = self._package(package)
        steps = self._world.steps_of(bought)
        unbooked = [s for s in steps if self._world.seat_for(bought, s) is None]
        return bought, pick(unbooked if unbooked and step < 11 else steps, step)

    def _option_body(self, step: Step, option: int, session: int | None) -> dict[str, Any]:
        """Mostly an option of the step and a session of its class; 11 stands for any."""
        world = self._world
        options = world.options_of(step) if option < 11 else list(world.options.values())
        chosen = pick(options, option)
        body = {"course_step_option_id": chosen.id}
        if session is None:
            return body
        of_class = world.sessions_of(chosen.class_id)
        return body | {"session_id": pick(of_class, session).id if session < 11 else self._stray()}

    def _stray(self) -> int:
        return next(iter(self._world.sessions))

    def _times(self, start: int, minutes: int) -> dict[str, Any]:
        """At the time of another session, half an hour off it, or soon."""
        sessions = list(self._world.sessions.values())
        at = pick(sessions, start).start + (start % 3) * HOUR / 2
        if at <= self._world.now and start < 11:
            at = self._world.now + (start + 1) * HOUR
        return {
            "start_at": at.isoformat(),
            "end_at": (at + timedelta(minutes=minutes)).isoformat(),
        }

    def _package(self, package: int) -> Package:
        """Half of the time one of somebody who waits, for this or for another."""
        packages = list(self._world.packages.values())
        waiting = {entry.package.user for entry in self._world.entries if entry.waits}
        theirs = [bought for bought in packages if bought.user in waiting]
        return pick(theirs if theirs and package % 2 else packages, package // 2)

    def _session(self, session: int) -> Session:
        """One that is to come, mostly."""
        sessions = list(self._world.sessions.values())
        coming = [s for s in sessions if self._world.is_coming(s)]
        lined = [s for s in coming if self._world.line_of(s)]
        if lined and session % 2:
            return pick(lined, session // 2)
        return pick(coming if coming and session < 10 else sessions, session)

    def _is_full(self, session: Session) -> bool:
        return self._world.is_coming(session) and not self._world.has_room(session)

    def _seated_step(self, seat: int) -> tuple[Package, Step]:
        """A step that has a seat, mostly."""
        held = [b for b in self._world.bookings if b.holds_seat and b.package]
        if not held or seat == 11:
            return self._open_step(seat, 0)
        booking = self._wanted(held, seat)
        assert booking.package is not None
        assert booking.step is not None
        return booking.package, booking.step

    def _booking(self, seat: int) -> Booking | None:
        """A booking that can be named; one that holds a seat, mostly."""
        known = [b for b in self._world.bookings if b.known_as is not None]
        holding = [b for b in known if b.holds_seat]
        if holding and seat < 11:
            return self._wanted(holding, seat)
        return pick(known, seat) if known else None

    def _wanted(self, held: list[Booking], seat: int) -> Booking:
        """Half of the time a seat that somebody waits for."""
        wanted = [b for b in held if self._world.line_of(b.session)]
        return pick(wanted if wanted and seat % 2 else held, seat // 2)

    def _submit_deed(
        self, db: Connection, kind: JobKind, target: Target | None, body: dict[str, Any]
    ) -> None:
        staff = self._world.users[-1]
        places = {"priority": Priority.STAFF, "submitted_from": "192.0.2.1"}
        self._witness.submit(db, kind, staff, target, body=body, **places)

    def _decide_if_eager(self) -> None:
        if self.eager or len(self._witness.queued) > MOST_QUEUED:
            self._witness.decide(len(self._witness.queued))


def waiver(*, waived: bool) -> dict[str, Any]:
    return {"override": {"reason": "goodwill"}} if waived else {}
