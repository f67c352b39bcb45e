"""How many submits one user may make in a time (RATE_LIMIT)."""

import time

import structlog
from limits import parse_many
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from redis import RedisError

from app.settings import Settings
from tasks.breaker import Breaker, BreakerOpen

BROKER_SECONDS = 0.4

log = structlog.get_logger()


class SubmitLimit:
    """Counts submits in Redis, for all web processes together.

    While Redis is away nobody is limited: a limit protects the service, and a booking matters
    more than a limit.
    """

    def __init__(self, settings: Settings, breaker: Breaker) -> None:
        self._limits = parse_many(settings.rate_limit)
        self._breaker = breaker
        options = (
            {}
            if settings.redis_url is None
            else {"socket_timeout": BROKER_SECONDS, "socket_connect_timeout": BROKER_SECONDS}
        )
        storage = storage_from_string(settings.limits_url, **options)
        self._limiter = FixedWindowRateLimiter(storage)

    def seconds_to_wait(self, user_id: int) -> int | None:
        """Count one submit; None when it is within the limits, else when to try again."""
        try:
            return self._breaker.call(lambda: self._hit(str(user_id)))
        except BreakerOpen:
            return None
        except (RedisError, StorageError, OSError) as error:
            log.warning("submits are not limited", reason=type(error).__name__)
            return None

    def _hit(self, user: str) -> int | None:
        for limit in self._limits:
            if not self._limiter.hit(limit, "submit", user):
                reset = self._limiter.get_window_stats(limit, "submit", user).reset_time
                return max(1, round(reset - time.time()))
        return None
