"""The outside world of one web process, each part made at its first use, after the fork."""

from datetime import timedelta
from functools import cached_property

from redis import Redis
from sqlalchemy import Engine

from app.api.readiness import Readiness
from app.clock import utc_now
from app.job_waiters import JobWaiters
from app.queue_view import QueueView
from app.settings import Settings
from app.submit_limit import SubmitLimit
from migrations.standing import is_migrated
from models.connection import make_engine
from models.heartbeat import seconds_since
from tasks.breaker import Breaker
from tasks.celery_app import connect
from tasks.publishing import publish_process
from tasks.wakeups import Wakeups, broker_breaker

BROKER_SECONDS = 0.4
"""A request spends at most 1 s in all on the broker: two such waits, and then the breaker."""


class WebRuntime:
    """Database, broker, limits and the shared views of the queue, for one web process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def engine(self) -> Engine:
        """The database, for the few that need a transaction; opened in this process."""
        return make_engine(self._settings.database_url, application="thrive web")

    @cached_property
    def statements(self) -> Engine:
        """The same for requests, each of whose statements is a transaction of its own."""
        url = self._settings.database_url
        return make_engine(
            url, pool_size=10, application="thrive web", autocommit=True, prepares=True
        )

    @cached_property
    def watching(self) -> Engine:
        """Connections for what looks at the queue on behalf of all requests.

        Of the requests' own pool they could be had only after the very requests that wait for
        the look: in a burst at the start nobody got one until the pool's time was up.
        """
        url = self._settings.database_url
        return make_engine(
            url, pool_size=1, application="thrive web queue", autocommit=True, prepares=True
        )

    @cached_property
    def breaker(self) -> Breaker:
        """What keeps a hung broker from using up the threads."""
        return broker_breaker()

    @cached_property
    def redis(self) -> Redis | None:
        """The broker as a Redis, where it is one."""
        url = self._settings.redis_url
        if url is None:
            return None
        return Redis.from_url(
            url, socket_timeout=BROKER_SECONDS, socket_connect_timeout=BROKER_SECONDS
        )

    @cached_property
    def wakeups(self) -> Wakeups:
        """The way to wake a worker."""
        connect(self._settings.broker_url, publisher=True)
        flags = self.redis if self._settings.wakeups == "coalesced" else None
        return Wakeups(publish_process, self.breaker, flags)

    @cached_property
    def submit_limit(self) -> SubmitLimit:
        """How many submits one user may make."""
        return SubmitLimit(self._settings, self.breaker)

    @cached_property
    def queue(self) -> QueueView:
        """The queue, at most a second old."""
        return QueueView(self.watching, utc_now)

    @cached_property
    def waiters(self) -> JobWaiters:
        """The threads that wait for their jobs."""
        return JobWaiters(self.watching)

    @cached_property
    def readiness(self) -> Readiness:
        """The questions of `/readyz`."""
        return Readiness(
            database=self._database_is_migrated,
            broker=self._broker_answers,
            worker_seen_seconds_ago=self._worker_seen,
            oldest_queued_seconds=self._oldest_queued,
        )

    def _database_is_migrated(self) -> bool:
        with self.engine.connect() as db:
            return is_migrated(db)

    def _broker_answers(self) -> bool:
        if self.redis is None:
            return True
        return bool(self.breaker.call(self.redis.ping))

    def _worker_seen(self) -> float | None:
        with self.engine.connect() as db:
            return seconds_since(db, "worker")

    def _oldest_queued(self) -> float | None:
        oldest = self.queue.snapshot().oldest
        return None if oldest is None else (utc_now() - oldest) / timedelta(seconds=1)
