"""Until when a booking can be changed and cancelled: asked by rules, API, letters and calendars."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from models.policy import Policy


@dataclass(frozen=True, slots=True)
class Until:
    """The last instants at which a seat can be changed for another, and given back."""

    change: datetime
    cancel: datetime


class Seated(Protocol):
    """A booking: when its session starts, and what it keeps of its own."""

    @property
    def start_at(self) -> datetime: ...  # noqa: D102 - the class says it
    @property
    def change_until(self) -> datetime | None: ...  # noqa: D102 - the class says it
    @property
    def cancel_until(self) -> datetime | None: ...  # noqa: D102 - the class says it


class Windows(Protocol):
    """A program's own windows, in hours; None where the school's hold."""

    @property
    def change_window_hours(self) -> int | None: ...  # noqa: D102 - the class says it
    @property
    def cancel_window_hours(self) -> int | None: ...  # noqa: D102 - the class says it


def until_of(policy: Policy, seat: Seated, program: Windows | None) -> Until:
    """What the booking keeps, or else what the windows of its program give, or the school's.

    Every booking keeps its own, but for those of the legacy system. `program` is None for a seat
    without a step.
    """
    change_hours = program.change_window_hours if program else None
    cancel_hours = program.cancel_window_hours if program else None
    return Until(
        change=seat.change_until or policy.change_until(seat.start_at, change_hours),
        cancel=seat.cancel_until or policy.cancel_until(seat.start_at, cancel_hours),
    )
