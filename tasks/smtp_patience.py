"""Ends a conversation with a mail server that takes longer than it may, whatever it is spent on.

A timeout for each step doesn't: a server that answers each command just in time, or a reply byte
by byte (a tarpit), holds its client for many times as long, past the message's lease.
"""

import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

BAD = 400
"""From here on an answer refuses (RFC 5321 4.2.1)."""
AGAIN_SECONDS = 1
"""The connection may only just be made when the time is over."""


@contextmanager
def within(seconds: float, server: smtplib.SMTP) -> Iterator[None]:
    """Hang up on the server after so many seconds; what waits for it breaks off then."""
    if server.sock is not None:
        server.sock.settimeout(seconds)
    is_over = threading.Event()
    watch = threading.Thread(target=_hang_up, args=(server, seconds, is_over), daemon=True)
    watch.start()
    try:
        yield
    finally:
        is_over.set()


class PatientSmtp(smtplib.SMTP):
    """A client that connects in time, whatever the server does.

    Its time also goes for the greeting, which the client's own way of being made waits for.
    `has_begun` says whether the server let the message in question begin, should it hang up.
    """

    has_begun = False

    def connect(self, *where: Any, **more: Any) -> tuple[int, bytes]:
        """Connect and be greeted, in the client's timeout."""
        with within(self.timeout, self):
            return super().connect(*where, **more)

    def mail(self, *about: Any) -> tuple[int, bytes]:
        """Say whose message comes."""
        code, said = super().mail(*about)
        self.has_begun = code < BAD
        return code, said


class PatientSmtpOverTls(PatientSmtp, smtplib.SMTP_SSL):
    """The same over TLS from the start."""


def _hang_up(server: smtplib.SMTP, seconds: float, is_over: threading.Event) -> None:
    while not is_over.wait(seconds):
        seconds = AGAIN_SECONDS
        connection = server.sock
        if connection is not None:
            with suppress(OSError):
                # beneath TLS, whose own way of ending asks the other side
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
