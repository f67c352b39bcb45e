"""The school's own settings that rules depend on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

PROMOTED_MAY_LEAVE = timedelta(minutes=60)
"""How long a promoted student may still change or cancel, whatever the windows say."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How long before a session's start students may still change or cancel by themselves.

    A program may have windows of its own, which go before these. Within `waitlist_cutoff` before
    the start nobody is promoted any more. `reminder_lead` before it students are reminded; with
    none they aren't.
    """

    change_window: timedelta = timedelta(hours=24)
    cancel_window: timedelta = timedelta(hours=24)
    waitlist_cutoff: timedelta = timedelta(hours=2)
    reminder_lead: timedelta = timedelta(hours=24)

    def change_until(self, start_at: datetime, window_hours: int | None) -> datetime:
        """The last instant at which a booking of a session with this start can be changed."""
        return start_at - _window(window_hours, self.change_window)

    def cancel_until(self, start_at: datetime, window_hours: int | None) -> datetime:
        """The last instant at which a booking of a session with this start can be cancelled."""
        return start_at - _window(window_hours, self.cancel_window)

    def waitlist_open(self, start_at: datetime, now: datetime) -> bool:
        """Whether somebody may still be promoted into a session with this start."""
        return now < self.waitlist_until(start_at)

    def waitlist_until(self, start_at: datetime) -> datetime:
        """From when on nobody is promoted into a session with this start any more."""
        return start_at - self.waitlist_cutoff


def _window(hours: int | None, otherwise: timedelta) -> timedelta:
    return otherwise if hours is None else timedelta(hours=hours)


def at_least_an_hour(until: datetime, start_at: datetime, now: datetime) -> datetime:
    """The end of a promoted student's window: an hour from now if that is later.

    Never past the session's start.
    """
    return min(start_at, max(until, now + PROMOTED_MAY_LEAVE))
