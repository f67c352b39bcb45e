"""The Celery application and every setting that keeps tasks from getting lost or doubled.

PostgreSQL is the queue of record and Celery only wakes (docs/decisions): a lost message costs
seconds until the sweep, a doubled one finds its job decided.
"""

from typing import Any
from urllib.parse import unquote

from celery import Celery

from tasks.redis_transport import use_this_transport

RELIABILITY: dict[str, Any] = {
    # a task is taken off the queue after it ran, so a killed worker's task comes back
    "task_acks_late": True,
    # and also when only the pool's child process died under it
    "task_reject_on_worker_lost": True,
    # the job row is the result; a second store could only disagree with it
    "task_ignore_result": True,
    "result_backend": None,
    # a message held back by a busy worker is one that an idle worker can't have
    "worker_prefetch_multiplier": 1,
    # the running task finishes although the broker is away: its work is in PostgreSQL
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    # a broker that is late at the start or away for long is waited for without end
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    # nothing here takes long; longer means hanging
    "task_time_limit": 30,
    # pickled messages could run code
    "accept_content": ["json"],
    "task_serializer": "json",
    # a leak in a library stays small
    "worker_max_tasks_per_child": 10_000,
    # on SIGQUIT (REMAP_SIGTERM in the Procfile) running tasks get this long, in seconds; the
    # launcher kills what is still there after 6
    "worker_soft_shutdown_timeout": 3,
    # Flower is part of the product
    "worker_send_task_events": True,
    "task_send_sent_event": True,
    "task_track_started": False,
}

REDIS_TRANSPORT: dict[str, Any] = {
    # seconds after which a task that nobody acknowledged is delivered again: more than
    # task_time_limit, so that it can't run twice at once
    "visibility_timeout": 60,
    # seconds between looks for such tasks; the defaults made a minute of it (measured)
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    # seconds; without them a hung broker blocks for ever
    "socket_timeout": 3,
    "socket_connect_timeout": 2,
    # seconds; finds a dead connection before a task is published on it
    "health_check_interval": 25,
}

PUBLISHER_TRANSPORT: dict[str, Any] = {
    **REDIS_TRANSPORT,
    # seconds; a web request may spend 1 s in all on the broker
    "socket_timeout": 0.4,
    "socket_connect_timeout": 0.4,
}

PROCESS = "tasks.bookings.process"
"""The task that decides a job."""
SEND_MAIL = "tasks.mail.send_mail"
"""The task that sends the mail that waits."""
SEND_WEBHOOKS = "tasks.webhooks.send_webhooks"
"""The task that sends events to an endpoint."""

ROUTES = {
    "tasks.bookings.*": {"queue": "bookings"},
    "tasks.mail.*": {"queue": "mail"},
    "tasks.events.*": {"queue": "events"},
    "tasks.reminders.*": {"queue": "upkeep"},
    "tasks.webhooks.*": {"queue": "webhooks"},
    "tasks.upkeep.*": {"queue": "upkeep"},
}

SCHEDULE = {
    # beat only wakes; twice at once is harmless
    "send mail": {"task": SEND_MAIL, "schedule": 5.0, "options": {"expires": 5}},
    "publish events": {
        "task": "tasks.events.publish_events",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "remind": {
        "task": "tasks.reminders.write_reminders",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "send webhooks": {
        "task": "tasks.webhooks.wake_webhooks",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "end passed waits": {
        "task": "tasks.upkeep.end_passed_waits",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "check invariants": {
        "task": "tasks.upkeep.check_invariants",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
}

use_this_transport()
celery = Celery("thrive", set_as_current=True)
celery.conf.update(
    **RELIABILITY,
    task_routes=ROUTES,
    beat_schedule=SCHEDULE,
    include=[
        "tasks.bookings",
        "tasks.mail",
        "tasks.events",
        "tasks.reminders",
        "tasks.webhooks",
        "tasks.upkeep",
    ],
    timezone="UTC",
)


def connect(broker_url: str, *, publisher: bool = False) -> Celery:
    """Point the application at its broker; a publisher waits for less than a worker does.

    A Sentinel's URL ends in `?master_name=`: the name that it knows the servers by.
    """
    options = PUBLISHER_TRANSPORT if publisher else REDIS_TRANSPORT
    if broker_url.startswith("sentinel"):
        broker_url, _, master_name = broker_url.partition("?master_name=")
        options = {**options, "master_name": unquote(master_name)}
    celery.conf.broker_url = broker_url
    if broker_url.startswith(("redis", "rediss", "sentinel")):
        celery.conf.broker_transport_options = options
    return celery
