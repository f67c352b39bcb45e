"""What lies on the desk while a batch is judged: rows as plain objects, read under the locks.

The judges change these objects as they decide, so that the second of two requests for the last
seat sees it gone; the database learns of it all at once afterwards.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from models.booking_job import JobKind


@dataclass(frozen=True, slots=True)
class Job:
    """One queued job as its judge needs it."""

    id: UUID
    kind: JobKind
    submitted_by: int
    user_id: int
    student_package_id: int
    course_step_id: int
    request: dict[str, Any]
    arrival: int
    lanes: list[int]
    submitted_at: datetime

    @property
    def option_id(self) -> int:
        """The course step option that was asked for."""
        return int(self.request["course_step_option_id"])

    @property
    def session_id(self) -> int | None:
        """The session that was asked for by name, if one was."""
        return self.request.get("session_id")


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


@dataclass(frozen=True, slots=True)
class Held:
    """A seat that a student already holds."""

    user_id: int
    session_id: int
    group_class_name: str
    start_at: datetime
    end_at: datetime
    student_package_id: int | None
    step_order: int | None


@dataclass(slots=True)
class Desk:
    """All that a batch of jobs is judged by."""

    now: datetime
    options: dict[int, Option] = field(default_factory=dict)
    sessions: dict[int, Seats] = field(default_factory=dict)
    sessions_of_class: dict[int, list[Seats]] = field(default_factory=dict)
    steps: dict[tuple[int, int], Step] = field(default_factory=dict)
    pins: dict[tuple[int, int], int] = field(default_factory=dict)
    """The session that a cohort pins to an option, by their ids, while it is still to come."""
    held: dict[int, list[Held]] = field(default_factory=dict)

    def held_by(self, user_id: int) -> list[Held]:
        """The seats that this student holds, those of this batch included."""
        return self.held.setdefault(user_id, [])
