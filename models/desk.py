"""What lies on the desk while a batch is judged: rows as plain objects, read under the locks.

The use cases change these objects as they decide, so that the second of two requests for the
last seat sees it gone; the database learns of it all at once afterwards, from `Changes`.
"""

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from models.booking import BookingStatus
from models.booking_job import JobKind
from models.policy import Policy

SYSTEM = 0
"""The id that stands for the product itself where a job names its submitter: nobody's."""


class Deed(Protocol):
    """What takes or frees a seat, as the ledger tells of it: a job, or the operator's command."""

    @property
    def cause(self) -> str: ...  # noqa: D102 - the class says it
    @property
    def actor_id(self) -> int | None: ...  # noqa: D102 - the class says it
    @property
    def job_id(self) -> UUID | None: ...  # noqa: D102 - the class says it


@dataclass(frozen=True, slots=True)
class Job:
    """One queued job as its judge needs it.

    The package and the step are None where a job is about neither, `session_id` is the session
    that a promotion or a staff job is about.
    """

    id: UUID
    kind: JobKind
    submitted_by: int
    user_id: int
    student_package_id: int | None
    course_step_id: int | None
    about_session_id: int | None
    submitted_from: str | None
    request: dict[str, Any]
    priority: int
    arrival: int
    lanes: list[int]
    submitted_at: datetime

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in the line: staff's and promotions first, then in order of arrival."""
        return self.priority, self.arrival

    @property
    def option_id(self) -> int:
        """The course step option that was asked for."""
        return int(self.request["course_step_option_id"])

    @property
    def session_id(self) -> int | None:
        """The session that was asked for by name, if one was."""
        return self.request.get("session_id")

    @property
    def booking_id(self) -> int | None:
        """The booking that staff named, if they did."""
        return self.request.get("booking_id")

    @property
    def override(self) -> str | None:
        """Staff's reason for waiving windows and order, if they do."""
        override = self.request.get("override")
        return override["reason"] if override else None

    @property
    def is_dry_run(self) -> bool:
        """Whether only what would happen is asked for."""
        return bool(self.request.get("dry_run"))

    @property
    def job_id(self) -> UUID:
        """Itself, as what takes or frees a seat."""
        return self.id

    @property
    def cause(self) -> str:
        """Why a seat is taken or freed by it: its kind."""
        return self.kind.value

    @property
    def actor_id(self) -> int | None:
        """Who did it; None for the product itself."""
        return self.submitted_by if self.submitted_by != SYSTEM else None


@dataclass(frozen=True, slots=True)
class Option:
    """A way of taking a step: in this group class."""

    id: int
    course_step_id: int
    group_class_id: int
    is_active: bool


@dataclass(slots=True)
class Seats:
    """A dated session and its seats."""

    id: int
    group_class_id: int
    group_class_name: str
    start_at: datetime
    end_at: datetime
    capacity_max: int
    seats_taken: int
    status: str

    @property
    def has_free_seat(self) -> bool:
        """Whether one more person fits in."""
        return self.seats_taken < self.capacity_max

    def overlaps(self, start_at: datetime, end_at: datetime) -> bool:
        """Whether this session shares time with another; touching ends don't."""
        return self.start_at < end_at and start_at < self.end_at


@dataclass(slots=True)
class Step:
    """One step of one student's package: the step, the package, its program and the progress."""

    progress_id: int
    progress_status: str
    booking_id: int | None
    booked_at: datetime | None
    course_step_id: int
    step_label: str
    step_order: int
    student_package_id: int
    user_id: int
    package_name: str
    package_status: str
    expires_at: datetime | None
    course_cohort_id: int
    ordered: bool
    booking_opens_at: datetime | None
    change_window_hours: int | None
    cancel_window_hours: int | None
    calendar_sequence: int | None = None
    """Of the entry in a calendar that the last seat had when it was given back."""


@dataclass(slots=True)
class Held:
    """A booking on the desk: a seat that a student holds, or held until this batch freed it."""

    booking_id: int
    user_id: int
    session_id: int
    group_class_id: int
    group_class_name: str
    start_at: datetime
    end_at: datetime
    status: str
    booking_type: str
    payment_status: str
    created_at: datetime
    student_package_id: int | None
    course_step_id: int | None
    step_order: int | None
    metadata: dict[str, Any] | None
    change_until: datetime | None
    cancel_until: datetime | None
    calendar_sequence: int = 0
    """How often this seat's entry in a calendar, or one before it, has changed (RFC 5545)."""
    created_by: int | None = None
    booking_job_id: UUID | None = None
    replaces_booking_id: int | None = None
    cancelled_at: datetime | None = None
    cancelled_by: int | None = None
    cancel_reason: str | None = None

    @property
    def holds_seat(self) -> bool:
        """Whether the seat is held still."""
        return self.status != BookingStatus.CANCELLED


@dataclass(slots=True)
class Entry:
    """A place on the waitlist."""

    id: int
    user_id: int
    student_package_id: int
    course_step_id: int
    course_step_option_id: int
    group_class_id: int
    session_id: int | None
    status: str
    joined_at: datetime
    booking_job_id: UUID
    ended_at: datetime | None = None
    end_reason: str | None = None
    booking_id: int | None = None

    def waits_for(self, session: Seats) -> bool:
        """Whether a seat of this session is what it waits for."""
        return self.group_class_id == session.group_class_id and (
            self.session_id is None or self.session_id == session.id
        )


@dataclass(frozen=True, slots=True)
class Line:
    """The head of a session's line, and whether more wait behind it."""

    entries: list[Entry]
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Promotion:
    """A look at a session's line that is owed, from behind the entry `after` on."""

    session: Seats
    after: int | None


@dataclass(frozen=True, slots=True)
class Class:
    """A group class, as far as a new session of it needs it."""

    id: int
    name: str
    capacity_max: int


@dataclass(slots=True)
class Changes:
    """What a batch changed on the desk, to be written when all of it is judged."""

    booked: dict[int, Held] = field(default_factory=dict)
    """New bookings by id, written as they stand in the end."""
    rebooked: dict[int, Held] = field(default_factory=dict)
    """Bookings that were there before and say something else now, by id."""
    moved: list[Held] = field(default_factory=list)
    """Bookings whose session is at another time now."""
    steps: dict[int, Step] = field(default_factory=dict)
    seats: dict[int, int] = field(default_factory=dict)
    """By how much each session's seats taken have grown."""
    ledger: list[dict[str, Any]] = field(default_factory=list)
    joined: list[Entry] = field(default_factory=list)
    entries: dict[int, Entry] = field(default_factory=dict)
    skips: list[dict[str, Any]] = field(default_factory=list)
    added_sessions: list[Seats] = field(default_factory=list)
    sessions: dict[int, Seats] = field(default_factory=dict)
    """Sessions whose time, capacity or status is another now, by id."""
    cancelled_packages: set[int] = field(default_factory=set)
    promotions: dict[int, Promotion] = field(default_factory=dict)
    """The promotions that are owed, by session."""
    positions: dict[int, int] = field(default_factory=dict)
    """The places in line of the entries that joined, known when they are written."""
    messages: list[dict[str, Any]] = field(default_factory=list)
    audit: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Desk:
    """All that a batch of jobs is judged by, and what it changed."""

    now: datetime
    policy: Policy = field(default_factory=Policy)
    options: dict[int, Option] = field(default_factory=dict)
    sessions: dict[int, Seats] = field(default_factory=dict)
    sessions_of_class: dict[int, list[Seats]] = field(default_factory=dict)
    steps: dict[tuple[int, int], Step] = field(default_factory=dict)
    pins: dict[tuple[int, int], int] = field(default_factory=dict)
    """The session that a cohort pins to an option, by their ids, while it is still to come."""
    held: dict[int, list[Held]] = field(default_factory=dict)
    bookings: dict[int, Held] = field(default_factory=dict)
    """Every booking on the desk by its id, freed ones included."""
    entries: dict[int, Entry] = field(default_factory=dict)
    entries_of_step: dict[tuple[int, int], list[Entry]] = field(default_factory=dict)
    """The entries of a package's step, by their ids, in the order of joining."""
    waited_for: set[tuple[int, int | None]] = field(default_factory=set)
    """The classes and sessions that somebody waits for; None stands for any of the class."""
    lines: dict[int, Line] = field(default_factory=dict)
    """The head of the line of each session that a job of the batch promotes into."""
    leaving: set[tuple[int, int]] = field(default_factory=set)
    """The packages and steps in these lines whose request to leave still waits for its turn."""
    classes: dict[int, Class] = field(default_factory=dict)
    people: set[int] = field(default_factory=set)
    """The students on the desk who exist."""
    erased: set[int] = field(default_factory=set)
    """Those of them of whom only the number is left."""
    promised: set[int] = field(default_factory=set)
    """The sessions whose free seats a promotion is still to give away, before any newcomer."""
    booking_ids: Iterator[int] = field(default_factory=lambda: iter(()))
    entry_ids: Iterator[int] = field(default_factory=lambda: iter(()))
    session_ids: Iterator[int] = field(default_factory=lambda: iter(()))
    changes: Changes = field(default_factory=Changes)

    def held_by(self, user_id: int) -> list[Held]:
        """The seats that this student holds, those of this batch included."""
        return self.held.setdefault(user_id, [])

    def lay(self, held: Held) -> None:
        """Put a booking that holds its seat on the desk, once."""
        if held.booking_id not in self.bookings:
            self.bookings[held.booking_id] = held
            self.held_by(held.user_id).append(held)

    def lay_added(self, session: Seats) -> None:
        """Put a session that this batch adds on the desk, at its place among its class's."""
        self.sessions[session.id] = session
        coming = self.sessions_of_class.setdefault(session.group_class_id, [])
        insort(coming, session, key=lambda other: (other.start_at, other.id))

    def seats_in(self, session: Seats) -> list[Held]:
        """The bookings that hold a seat of this session, as far as they are on the desk."""
        found = [h for h in self.bookings.values() if h.session_id == session.id and h.holds_seat]
        return sorted(found, key=lambda held: held.booking_id)

    def is_waited_for(self, session: Seats) -> bool:
        """Whether anybody waits for a seat of this session."""
        class_id = session.group_class_id
        return not self.waited_for.isdisjoint({(class_id, None), (class_id, session.id)})

    def step_of(self, job: Job) -> Step:
        """The step of the package that the job is about."""
        return self.steps[_known(job.student_package_id), _known(job.course_step_id)]

    def seat_of(self, step: Step) -> Held | None:
        """The booking that the step's progress points at."""
        return self.bookings.get(step.booking_id) if step.booking_id is not None else None

    def lay_entry(self, entry: Entry) -> None:
        """Put a place on the waitlist on the desk, once; called in the order of joining."""
        if entry.id not in self.entries:
            self.entries[entry.id] = entry
            step = entry.student_package_id, entry.course_step_id
            self.entries_of_step.setdefault(step, []).append(entry)

    def may_be_promoted(self, entry: Entry) -> bool:
        """Whether it still waits, and nobody has asked to leave."""
        step = entry.student_package_id, entry.course_step_id
        return entry.ended_at is None and step not in self.leaving

    def waiting_for(self, step: Step) -> list[Entry]:
        """The entries with which a step waits, in the order of joining."""
        listed = self.entries_of_step.get((step.student_package_id, step.course_step_id), [])
        return [entry for entry in listed if entry.ended_at is None]


def _known(value: int | None) -> int:
    if value is None:
        raise ValueError("this job is about no package and step")
    return value
