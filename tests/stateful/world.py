"""A school in memory: what the rules of docs/booking-rules.md speak of, and nothing of the product.

Written from the rules alone, so that it and the product can't share a mistake.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

WINDOW = timedelta(hours=24)
GRACE = timedelta(minutes=60)


@dataclass
class Program:
    ordered: bool
    opens_at: datetime | None
    change_window: timedelta
    cancel_window: timedelta


@dataclass
class Step:
    id: int
    program: Program
    order: int


@dataclass
class Option:
    id: int
    step: Step
    class_id: int
    is_active: bool


@dataclass
class Package:
    id: int
    user: int
    cohort: int
    program: Program
    expires_at: datetime | None
    is_active: bool = True


@dataclass
class Session:
    id: int
    class_id: int
    start: datetime
    end: datetime
    capacity: int
    is_cancelled: bool = False


@dataclass(eq=False)
class Booking:
    user: int
    session: Session
    package: Package | None
    step: Step | None
    type: str
    change_until: datetime
    cancel_until: datetime
    status: str = "CONFIRMED"
    reason: str | None = None
    replaces: "Booking | None" = None
    known_as: int | None = None
    """Its id in the database, once somebody can name it."""

    @property
    def holds_seat(self) -> bool:
        return self.status != "CANCELLED"


@dataclass(eq=False)
class Entry:
    package: Package
    step: Step
    option: Option
    session: Session | None
    status: str = "WAITING"
    end_reason: str | None = None

    @property
    def waits(self) -> bool:
        return self.status == "WAITING"

    def is_for(self, session: Session) -> bool:
        if self.session is None:
            return self.option.class_id == session.class_id
        return self.session.id == session.id

    def end(self, status: str, reason: str | None = None) -> None:
        self.status, self.end_reason = status, reason


@dataclass(frozen=True, kw_only=True)
class Job:
    """A submitted request, as its submitter knows it."""

    id: UUID
    kind: str
    at: datetime
    by: int
    place: tuple[int, int]
    lanes: tuple[int, ...]
    package: int | None = None
    step: int | None = None
    user: int | None = None
    session: int | None = None
    body: dict[str, Any] = field(default_factory=dict)


@dataclass
class World:
    """Everything that the rules look at; a job's deed changes it in place."""

    now: datetime
    cutoff: timedelta = timedelta(hours=2)
    candidates: int = 20
    """How many of a line one promotion looks at."""
    users: list[int] = field(default_factory=list)
    classes: dict[int, int] = field(default_factory=dict)
    """The capacity that a new session of each class has unless told otherwise."""
    steps: dict[int, Step] = field(default_factory=dict)
    options: dict[int, Option] = field(default_factory=dict)
    pins: dict[tuple[int, int], int] = field(default_factory=dict)
    packages: dict[int, Package] = field(default_factory=dict)
    sessions: dict[int, Session] = field(default_factory=dict)
    bookings: list[Booking] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    skips: list[tuple[Entry, int, str]] = field(default_factory=list)
    promised: set[int] = field(default_factory=set)
    """Sessions whose line a promotion is still to look at."""
    behind: dict[int, Entry] = field(default_factory=dict)
    """The entry behind which it goes on, where it isn't to look at the whole line."""

    def seats_of(self, user: int) -> list[Booking]:
        return [b for b in self.bookings if b.user == user and b.holds_seat]

    def seats_in(self, session: Session) -> list[Booking]:
        return [b for b in self.bookings if b.session is session and b.holds_seat]

    def seat_for(self, package: Package, step: Step) -> Booking | None:
        for booking in self.bookings:
            if booking.holds_seat and booking.package is package and booking.step is step:
                return booking
        return None

    def booking_known_as(self, booking_id: int) -> Booking | None:
        return next((b for b in self.bookings if b.known_as == booking_id), None)

    def has_room(self, session: Session) -> bool:
        return len(self.seats_in(session)) < session.capacity

    def is_coming(self, session: Session) -> bool:
        return not session.is_cancelled and session.start > self.now

    def may_promote_into(self, session: Session) -> bool:
        return self.is_coming(session) and self.now < session.start - self.cutoff

    def waiting(self, package: Package, step: Step) -> list[Entry]:
        return [e for e in self.entries if e.waits and e.package is package and e.step is step]

    def line_of(self, session: Session) -> list[Entry]:
        """Those whom a promotion into the session is still to look at, or would."""
        behind = self.behind.get(session.id)
        begin = self.entries.index(behind) + 1 if behind else 0
        return [e for e in self.entries[begin:] if e.waits and e.is_for(session)]

    def steps_of(self, package: Package) -> list[Step]:
        mine = (step for step in self.steps.values() if step.program is package.program)
        return sorted(mine, key=lambda step: step.order)

    def options_of(self, step: Step) -> list[Option]:
        return [option for option in self.options.values() if option.step is step]

    def sessions_of(self, class_id: int) -> list[Session]:
        return [s for s in self.sessions.values() if s.class_id == class_id]

    def progress(self, package: Package, step: Step) -> str:
        seat = self.seat_for(package, step)
        if seat is None:
            return "UNBOOKED"
        return "COMPLETED" if seat.status == "ATTENDED" else "BOOKED"

    def edges(self) -> list[datetime]:
        """Every coming instant at which a rule changes its mind."""
        return sorted({edge for edge in self._edges() if edge > self.now})

    def _edges(self) -> Iterable[datetime]:
        for session in self.sessions.values():
            yield from (session.start, session.end)
            yield from (session.start - early for early in (WINDOW, self.cutoff, GRACE))
        for booking in self.bookings:
            if booking.holds_seat:
                yield from (booking.change_until, booking.cancel_until)
        for package in self.packages.values():
            yield from (at for at in (package.expires_at, package.program.opens_at) if at)
