"""The embedded servers of a run: one for each URL that isn't set."""

import json
import os

from app.embedded import (
    EmbeddedPostgres,
    EmbeddedServer,
    EmbeddedServerError,
    EmbeddedValkey,
    stop_servers,
)
from app.embedded.attention import Tick
from app.launching.saying import complain, say
from app.private_files import write_private
from app.settings import Settings


class Servers:
    """PostgreSQL and Valkey, as far as they are needed, and where `flask ...` finds them."""

    def __init__(self, settings: Settings) -> None:
        """Prepare the servers; nothing is started or made yet."""
        var = settings.var
        self._postgres = None if settings.database_url else EmbeddedPostgres(var / "postgres")
        self._valkey = None if settings.broker_url else EmbeddedValkey(var / "valkey")
        self._all: list[EmbeddedServer] = [s for s in (self._postgres, self._valkey) if s]
        self._written = var / "servers.json"

    @property
    def names(self) -> list[str]:
        """What there is to start."""
        return [server.name for server in self._all]

    def start(self, tick: Tick) -> None:
        """Start all of them and write their addresses down.

        Raises `EmbeddedServerError`, and what `tick` raises; some may run then.
        """
        for server in self._all:
            tick()
            server.start(tick=tick)
        addresses: dict[str, str | int] = {"pid": os.getpid()}
        if self._postgres:
            addresses["database_url"] = self._postgres.url
        if self._valkey:
            addresses["broker_url"] = self._valkey.broker_url
        write_private(self._written, json.dumps(addresses))

    def keep_alive(self, tick: Tick) -> None:
        """Start again what has ended; what doesn't start now is tried again the next time."""
        for server in self._all:
            if server.pid is None:
                say(f"{server.name} has ended and is started again.")
                try:
                    server.start(tick=tick)
                except EmbeddedServerError as error:
                    complain(str(error))

    def stop(self, *, by: float) -> None:
        """End all of them at the same time, by the monotonic time `by`."""
        self._written.unlink(missing_ok=True)
        stop_servers(self._all, by=by)
