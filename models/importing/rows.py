"""The rows of a catalog as the importer takes them.

`path` is the row's place in the file. A value is None where it is optional and absent, or where
it is faulty: the reader has reported it then, and the checks here pass over it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


class UserRow(NamedTuple):
    """A person."""

    path: str
    id: int | None
    email: str | None
    name: str | None
    role: str | None
    time_zone: str | None
    locale: str | None


class GroupClassRow(NamedTuple):
    """A group class."""

    path: str
    id: int | None
    name: str | None
    teacher_id: int | None
    capacity_max: int | None
    time_zone: str | None


class SessionRow(NamedTuple):
    """A session; an absent status leaves a stored one as it is and makes a new one scheduled."""

    path: str
    id: int | None
    group_class_id: int | None
    start_at: datetime | None
    end_at: datetime | None
    capacity_max: int | None
    status: str | None


class ProgramRow(NamedTuple):
    """A program."""

    path: str
    id: int | None
    title: str | None
    ordered: bool | None
    booking_opens_at: datetime | None
    change_window_hours: int | None
    cancel_window_hours: int | None


class StepRow(NamedTuple):
    """A step of a program."""

    path: str
    id: int | None
    course_program_id: int | None
    label: str | None
    title: str | None
    step_order: int | None
    is_required: bool | None


class OptionRow(NamedTuple):
    """An option of a step."""

    path: str
    id: int | None
    course_step_id: int | None
    group_class_id: int | None
    is_active: bool | None


class CohortRow(NamedTuple):
    """A cohort of a program."""

    path: str
    id: int | None
    course_program_id: int | None
    name: str | None


class PinRow(NamedTuple):
    """A cohort's pin of an option to a session."""

    path: str
    course_cohort_id: int | None
    course_step_option_id: int | None
    session_id: int | None


class PackageRow(NamedTuple):
    """A student's package; an absent status is treated like a session's."""

    path: str
    id: int | None
    user_id: int | None
    course_cohort_id: int | None
    package_name: str | None
    status: str | None
    expires_at: datetime | None


@dataclass(slots=True)
class Catalog:
    """All rows of one catalog, each list in the order of the file."""

    users: list[UserRow] = field(default_factory=list)
    group_classes: list[GroupClassRow] = field(default_factory=list)
    sessions: list[SessionRow] = field(default_factory=list)
    programs: list[ProgramRow] = field(default_factory=list)
    steps: list[StepRow] = field(default_factory=list)
    options: list[OptionRow] = field(default_factory=list)
    cohorts: list[CohortRow] = field(default_factory=list)
    pins: list[PinRow] = field(default_factory=list)
    packages: list[PackageRow] = field(default_factory=list)

    def __len__(self) -> int:
        """Count the rows."""
        return sum(len(rows) for _, rows in self.by_kind())

    def by_kind(self) -> list[tuple[str, list[tuple[object, ...]]]]:
        """Return the lists with the names that the importer prints, those referred to first."""
        return [
            ("users", [*self.users]),
            ("groupClasses", [*self.group_classes]),
            ("sessions", [*self.sessions]),
            ("programs", [*self.programs]),
            ("steps", [*self.steps]),
            ("options", [*self.options]),
            ("cohorts", [*self.cohorts]),
            ("pins", [*self.pins]),
            ("packages", [*self.packages]),
        ]
