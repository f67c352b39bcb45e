"""A client cheap enough not to be what is measured: raw connections, requests made beforehand.

Like a reverse proxy it keeps a bounded number of connections open; a request waits for one.
`httptools` is the parser that uvicorn and others use (llhttp, in C).
"""

import asyncio
import time
from collections import deque
from typing import NamedTuple, cast

import httptools

CONNECTIONS = 128
"""What a reverse proxy keeps open to one server; the server has 2 × 16 threads."""
FEW_CONNECTIONS = 32
"""For the synchronous baseline: with more, its threads wait for the database's pool in vain."""


class Answer(NamedTuple):
    """One HTTP answer: when its request was sent and when it was complete, in monotonic seconds."""

    status: int
    retry_after: int
    body: bytes
    sent: float
    received: float


class Connection(asyncio.Protocol):
    """A kept-alive connection: one request at a time."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._waiting: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None
        self._body: list[bytes] = []
        self._retry_after = 0
        self._sent = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the server hasn't closed it."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, request: bytes) -> "asyncio.Future[Answer]":
        """Send one request; the answer comes when it is complete."""
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._sent = time.monotonic()
        self._transport.write(request)
        return self._waiting

    def close(self) -> None:
        """Close it."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection over (asyncio calls it)."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one but by its class

    def data_received(self, data: bytes) -> None:
        """Parse what came (asyncio calls it)."""
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail who waits for an answer (asyncio calls it)."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionError("the server closed the connection"))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the one header that matters (the parser calls it)."""
        if name.lower() == b"retry-after":
            self._retry_after = int(value)

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body (the parser calls it)."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Hand the answer over (the parser calls it)."""
        assert self._waiting is not None
        status, body = self._parser.get_status_code(), b"".join(self._body)
        answer = Answer(status, self._retry_after, body, self._sent, time.monotonic())
        self._body.clear()
        self._retry_after = 0
        if not self._waiting.done():
            self._waiting.set_result(answer)


class Pool:
    """A bounded number of connections to one server; who comes first gets the next free one."""

    def __init__(self, host: str, port: int, size: int) -> None:
        self._address = host, port
        self._free: list[Connection | None] = [None] * size
        self._queue: deque[asyncio.Future[Connection | None]] = deque()

    async def ask(self, request: bytes) -> Answer:
        """Send one request on a free connection."""
        connection = self._free.pop() if self._free else await self._turn()
        try:
            if connection is None or not connection.is_open:
                connection = await self._connect()
            return await connection.send(request)
        finally:
            if self._queue:
                self._queue.popleft().set_result(connection)
            else:
                self._free.append(connection)

    def _turn(self) -> "asyncio.Future[Connection | None]":
        turn: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        return turn

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, *self._address)
        return connection

    def close(self) -> None:
        """Close all connections."""
        for connection in self._free:
            if connection is not None:
                connection.close()
