"""`flask --app app sweep`: decides what nobody was woken for, until it is told to end."""

import signal
import threading
from collections.abc import Callable

import click
import structlog
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.clock import utc_now
from app.settings import Settings
from app.watchdog import Watchdog
from models.connection import make_engine
from models.database_faults import is_passing
from models.round import Decider
from models.sweeping import sweep

LONGEST_PAUSE = 5.0
"""Between two looks while the database is away; jobs are to be final soon after it is back."""
BUSY_PAUSE = 0.1
"""While there is a backlog."""
HUNG_SECONDS = 30
"""Longer than any round may take: then something hangs that no timeout ends."""

log = structlog.get_logger()


@click.command("sweep")
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    default=2.0,
    show_default=True,
    help="Seconds between two looks.",
)
@with_appcontext
def sweep_command(every: float) -> None:
    """Decide jobs that waited too long, whether or not a broker is there."""
    settings: Settings = current_app.extensions["settings"]
    decider = Decider(
        engine=make_engine(settings.database_url, pool_size=2, application="thrive sweep"),
        clock=utc_now,
        policy=settings.policy,
    )
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(name, lambda *_: ended.set())
    watchdog = Watchdog(HUNG_SECONDS)

    def must_end() -> bool:
        watchdog.tell_alive()
        return ended.is_set()

    pause = every
    while not ended.wait(pause):
        watchdog.tell_alive()
        decided = _sweep_once(decider, must_end)
        if decided is None:
            pause = min(max(pause, every) * 2, LONGEST_PAUSE)
        else:
            pause = min(every, BUSY_PAUSE) if decided else every


def _sweep_once(decider: Decider, must_end: Callable[[], bool]) -> int | None:
    """One look at the queue; the jobs decided, None when the database is away, which passes."""
    try:
        decided = sweep(decider, must_end)
    except (DBAPIError, PoolTimeout) as error:
        if not is_passing(error):
            raise
        log.warning("the database is away", reason=type(error).__name__)
        return None
    if decided:
        log.info("jobs decided by the sweep", jobs=decided)
    return decided
