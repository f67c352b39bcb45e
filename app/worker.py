"""What `celery --app app.worker` imports: the tasks with this installation's settings."""

import gc

from celery.signals import heartbeat_sent, setup_logging, worker_process_init
from redis import Redis

from app.clock import utc_now
from app.heartbeats import Heartbeats
from app.settings import InvalidSetting, Settings, load_settings
from app.structured_log import configure_logging
from models.connection import make_engine
from tasks.celery_app import connect
from tasks.letters.letterhead import Letterhead
from tasks.mailing import Courier
from tasks.publishing import publish_process
from tasks.wakeups import Wakeups, broker_breaker
from tasks.worker_state import WorkerState, forget, provide

SOCKET_SECONDS = 3


def make_state(settings: Settings) -> WorkerState:
    """The outside world of one worker process."""
    flags = None
    if settings.wakeups == "coalesced" and settings.redis_url is not None:
        flags = Redis.from_url(
            settings.redis_url, socket_timeout=SOCKET_SECONDS, socket_connect_timeout=SOCKET_SECONDS
        )
    return WorkerState(
        engine=make_engine(
            settings.database_url, pool_size=3, application="thrive worker", prepares=True
        ),
        clock=utc_now,
        policy=settings.policy,
        wakeups=Wakeups(publish_process, broker_breaker(), flags),
        courier=Courier(settings.smtp_url, settings.maildir),
        letterhead=Letterhead(settings.mail_from, settings.public_url),
    )


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
heartbeat_sent.connect(Heartbeats(_settings.database_url).beat, weak=False)
