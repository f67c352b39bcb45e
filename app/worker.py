"""What `celery --app app.worker` imports: the tasks with this installation's settings."""

import gc
from typing import Any

import structlog
from celery.concurrency.thread import TaskPool as ThreadPool
from celery.signals import (
    celeryd_after_setup,
    heartbeat_sent,
    setup_logging,
    worker_process_init,
    worker_ready,
)
from redis import Redis

from app.clock import utc_now
from app.heartbeats import Heartbeats
from app.settings import InvalidSetting, Settings, load_settings
from app.structured_log import configure_logging
from app.thread_worker import end_in_time
from models.connection import make_engine
from tasks.celery_app import connect
from tasks.event_stream import STREAM
from tasks.letterhead import Letterhead
from tasks.mailing import Courier
from tasks.publishing import publish_process
from tasks.wakeups import Wakeups, broker_breaker
from tasks.worker_state import WorkerState, forget, provide

SOCKET_SECONDS = 3

log = structlog.get_logger()


def make_state(settings: Settings, *, threads: int = 1) -> WorkerState:
    """The outside world of one worker process, in which so many tasks run at once."""
    redis = None
    if settings.redis_url is not None:
        redis = Redis.from_url(
            settings.redis_url, socket_timeout=SOCKET_SECONDS, socket_connect_timeout=SOCKET_SECONDS
        )
    return WorkerState(
        engine=make_engine(
            settings.database_url,
            # twice as many at most: threads hold one for moments only, so half of them will do
            pool_size=max(3, threads // 4),
            application="thrive worker",
            prepares=True,
        ),
        clock=utc_now,
        policy=settings.policy,
        wakeups=Wakeups(
            publish_process, broker_breaker(), redis if settings.wakeups == "coalesced" else None
        ),
        courier=Courier(settings.smtp_url, settings.maildir),
        letterhead=Letterhead(settings.mail_from, settings.public_url),
        redis=redis,
        webhook_allow_private=settings.webhook_allow_private,
    )


def _run_in_threads(instance: Any, **_: Any) -> None:
    """Prepare a worker whose pool is one of threads, which neither fork nor get signals."""
    if issubclass(instance.pool_cls, ThreadPool):
        provide(lambda: make_state(_settings, threads=instance.concurrency))
        worker_ready.connect(end_in_time, weak=False)


def _miss_stream(instance: Any, **_: Any) -> None:
    """Say that nothing is appended to the event stream, where events are published to no Redis."""
    if _settings.redis_url is None and "events" in instance.app.amqp.queues.consume_from:
        log.warning("the broker is no Redis: there is no event stream", stream=STREAM)


configure_logging()
try:
    _settings = load_settings()
except InvalidSetting as error:
    # one line instead of a traceback
    raise SystemExit(f"Thrive Booking: {error}") from None
celery = connect(_settings.broker_url)
provide(lambda: make_state(_settings))
# Celery would replace our handler, and print forged task names as they are, line breaks and all
setup_logging.connect(lambda loglevel, **_: configure_logging(loglevel), weak=False)
worker_process_init.connect(lambda **_: forget(), weak=False)
# what was imported stays: looking through it for garbage, batch after batch, finds none
worker_process_init.connect(lambda **_: gc.freeze(), weak=False)
celeryd_after_setup.connect(_run_in_threads, weak=False)
celeryd_after_setup.connect(_miss_stream, weak=False)
heartbeat_sent.connect(Heartbeats(_settings.database_url).beat, weak=False)
