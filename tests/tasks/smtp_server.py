"""A real mail server with a login, over TLS where wanted, that can be told to fail."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from enum import StrEnum
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

USER, PASSWORD = "school@x.example", "p@ss/word: 100%"
HOST = "127.0.0.1"


class Fault(StrEnum):
    """What goes wrong with one message."""

    CLOSING_421 = "421 4.3.2 closing"
    CLOSING_BEFORE = "421 4.3.2 enough for one connection"
    CUT_BEFORE = "cuts the connection before the message"
    LATER_451 = "451 4.3.0 later"
    NEVER_550 = "550 5.1.1 nobody here"
    NEVER_AFTER_DATA = "554 5.6.0 not this"
    HANG = "hangs after the message"
    CUT_IN_DATA = "cuts the connection in the middle of the message"
    CUT_AFTER_DATA = "takes the message and cuts the connection"


class MailServer:
    """Takes mail, and counts connections, logins and what was delivered; fails as told.

    `faults` are those of the messages to come, one each; None stands for none.
    """

    def __init__(self) -> None:
        self.faults: deque[Fault | None] = deque()
        self.delivered: list[str] = []
        self.taken: list[tuple[bytes, list[str]]] = []
        self.connections = 0
        self.logins: list[bool] = []
        self.goodbye = "221 bye"
        self.slowness = 0.0
        """How many seconds each answer to a command of a message takes."""

    @property
    def fault(self) -> Fault | None:
        """What goes wrong with the message that is coming in."""
        return self.faults[0] if self.faults else None

    def authenticate(self, *given: Any) -> AuthResult:
        """Take the one login that there is, whatever way it comes."""
        login = given[-1]
        known = isinstance(login, LoginPassword) and login == LoginPassword(
            USER.encode(), PASSWORD.encode()
        )
        self.logins.append(known)
        return AuthResult(success=known, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: Any, _session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        await asyncio.sleep(self.slowness)
        if self.fault in {Fault.CLOSING_BEFORE, Fault.CUT_BEFORE}:
            return self._hang_up(server, self.faults.popleft())
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 go on"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.fault in {Fault.CLOSING_421, Fault.LATER_451, Fault.NEVER_550}:
            fault = self.faults.popleft()
            return self._hang_up(server, fault) if fault == Fault.CLOSING_421 else str(fault)
        await asyncio.sleep(self.slowness)
        envelope.rcpt_tos.append(address)
        return "250 it is known here"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        fault = self.faults.popleft() if self.faults else None
        await asyncio.sleep(self.slowness)
        if fault == Fault.HANG:
            await asyncio.sleep(60)
        if fault == Fault.NEVER_AFTER_DATA:
            return str(fault)
        content = envelope.content
        content = content if isinstance(content, bytes) else content.encode()
        self.delivered.append(message_from_bytes(content)["Message-ID"])
        self.taken.append((content, list(envelope.mail_options)))
        if fault == Fault.CUT_AFTER_DATA:
            server.transport.abort()
        return "250 it is ours now"

    @staticmethod
    def _hang_up(server: Any, fault: Fault | None) -> str:
        if fault != Fault.CUT_BEFORE:
            server.transport.write(f"{fault}\r\n".encode())
        server.transport.close()
        return str(fault)

    async def handle_QUIT(self, *_: Any) -> str:  # noqa: N802 - aiosmtpd's name
        return self.goodbye


class Connection(SMTP):
    """One connection, which may be cut in the middle of a message."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        server = self.event_handler
        if server.fault != Fault.CUT_IN_DATA:
            await super().smtp_DATA(arg)
            return
        server.faults.popleft()
        await self.push("354 go on")
        await self._reader.readexactly(500)
        self.transport.abort()


class _Controller(Controller):
    def factory(self) -> Connection:
        self.handler.connections += 1
        return Connection(self.handler, **self.SMTP_kwargs)


@contextmanager
def running(server: MailServer, port: int, *, host: str = HOST, **tls: Any) -> Iterator[None]:
    """Let it answer; `ssl_context` for TLS from the start, `tls_context` for STARTTLS."""
    controller = _Controller(
        server,
        hostname=host,
        port=port,
        authenticator=server.authenticate,
        auth_required=True,
        auth_require_tls=bool(tls.get("tls_context")),
        **tls,
    )
    controller.start()
    try:
        yield
    finally:
        controller.stop()
