"""Wakes a worker for a job, and never promises that one wakes: the sweep does (mail: beat).

In a rush a lane needs one task, not one for each job: a submit publishes only when it is the
first to raise the lane's flag. The task lowers the flag before it peeks, so a job that was
committed while the flag was seen raised is visible to the peek that follows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

import structlog
from kombu.exceptions import OperationalError as BrokerError
from redis import Redis, RedisError

from tasks.breaker import Breaker, BreakerOpen
from tasks.publishing import publish_send_mail

FLAG_SECONDS = 5
BROKER_FAILURES = (BrokerError, RedisError, OSError)

log = structlog.get_logger()


def broker_breaker() -> Breaker:
    """The breaker for one process's dealings with the broker."""
    return Breaker(BROKER_FAILURES)


@dataclass(frozen=True, slots=True)
class Wakeups:
    """How this process wakes workers; without `flags` every request wakes its own task."""

    publish: Callable[[UUID], None]
    breaker: Breaker
    flags: "Redis | None" = None
    publish_mail: Callable[[], None] = publish_send_mail

    def wake(self, job_id: UUID, lanes: Iterable[int]) -> None:
        """Wake a worker for this job unless one is on its way; says nothing when that fails."""
        try:
            self.breaker.call(lambda: self._wake(job_id, list(lanes)))
        except BreakerOpen:
            pass  # the sweep decides what nobody was woken for
        except BROKER_FAILURES as error:
            log.warning("no worker was woken", reason=type(error).__name__)

    def wake_courier(self) -> None:
        """Wake a courier for the mail that waits; says nothing when that fails."""
        try:
            self.breaker.call(self.publish_mail)
        except BreakerOpen:
            pass  # beat wakes one within seconds
        except BROKER_FAILURES as error:
            log.warning("no courier was woken", reason=type(error).__name__)

    def lower(self, lanes: Iterable[int]) -> None:
        """Lower the lanes' flags; to be called before looking at the lanes."""
        flags = self.flags
        names = [_flag(lane) for lane in lanes]
        if flags is None or not names:
            return
        try:
            self.breaker.call(lambda: flags.delete(*names))
        except BreakerOpen:
            pass  # flags end by themselves
        except BROKER_FAILURES as error:
            log.warning("flags were not lowered", reason=type(error).__name__)

    def _wake(self, job_id: UUID, lanes: list[int]) -> None:
        # every lane's flag is raised, so this is no any() over a generator
        raised = [self._raise(self.flags, lane) for lane in lanes] if self.flags else [True]
        if any(raised):
            self.publish(job_id)

    def _raise(self, flags: "Redis", lane: int) -> bool:
        return bool(flags.set(_flag(lane), 1, nx=True, ex=FLAG_SECONDS))


def _flag(lane: int) -> str:
    return f"thrive:lane:{lane}"
