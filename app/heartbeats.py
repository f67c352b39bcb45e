"""Writes a worker's sign of life to the database, from its main process."""

import time
from functools import cached_property
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from models.connection import make_engine
from models.heartbeat import beat

EVERY_SECONDS = 5

log = structlog.get_logger()


class Heartbeats:
    """Beats at most every five seconds, whenever Celery beats."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._last = 0.0

    @cached_property
    def _engine(self) -> Engine:
        return make_engine(self._database_url, pool_size=1, application="thrive heartbeat")

    def beat(self, sender: Any, **_: Any) -> None:
        """Note that this worker is alive; says so when it can't, and goes on.

        `sender` is Celery's heart; its node is named after the Procfile's line, `worker@host`.
        """
        if time.monotonic() - self._last < EVERY_SECONDS:
            return
        self._last = time.monotonic()
        try:
            with self._engine.begin() as db:
                beat(db, sender.eventer.hostname.partition("@")[0])
        except SQLAlchemyError as error:
            log.warning("sign of life was not written", reason=type(error).__name__)
