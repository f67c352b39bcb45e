"""The school's own settings that rules depend on."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """How long before a session's start students may still change or cancel by themselves.

    A program may have windows of its own, which go before these.
    """

    change_window: timedelta = timedelta(hours=24)
    cancel_window: timedelta = timedelta(hours=24)

    def change_until(self, start_at: datetime, window_hours: int | None) -> datetime:
        """The last instant at which a booking of a session with this start can be changed."""
        return start_at - _window(window_hours, self.change_window)

    def cancel_until(self, start_at: datetime, window_hours: int | None) -> datetime:
        """The last instant at which a booking of a session with this start can be cancelled."""
        return start_at - _window(window_hours, self.cancel_window)


def _window(hours: int | None, otherwise: timedelta) -> timedelta:
    return otherwise if hours is None else timedelta(hours=hours)
