"""The way out for mail: an SMTP server, or a Maildir where none is configured."""

import mailbox
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from tasks.smtp_patience import PatientSmtp, PatientSmtpOverTls, within

OPENING_SECONDS = 15
"""For connecting, and again for logging in."""
SMTP_SECONDS = 50
"""For a message. All three together are shorter than its lease, so that nobody else sends it
meanwhile."""
GOODBYE_SECONDS = 5

Deliver = Callable[[EmailMessage], None]


# a host name or password that can't even be written is a ValueError
_BROKEN = (OSError, smtplib.SMTPException, ValueError)
CLOSING = 421
"""The server's word that it ends the connection (RFC 5321 3.8)."""


class WayClosed(Exception):  # noqa: N818 - a state of the world
    """The mail server can't be reached, or ended the connection."""


class NotTried(WayClosed):
    """It ended the connection between two messages, and wasn't told of the second one."""


class TryLater(Exception):  # noqa: N818 - the server's answer
    """The server refused the message for now (4xx)."""


class NeverSend(Exception):  # noqa: N818 - the server's answer
    """The server refused the message for good (5xx)."""


@dataclass(frozen=True, slots=True)
class Courier:
    """Where mail goes: `smtp_url` None means the Maildir.

    A server that takes longer than so many seconds for a message, or to let us in, is taken for one
    that is away.
    """

    smtp_url: str | None
    maildir: Path
    seconds: float = SMTP_SECONDS

    @contextmanager
    def open(self) -> Iterator[Deliver]:
        """A way to deliver messages, over one connection; raises WayClosed."""
        if self.smtp_url is None:
            yield self._drop
            return
        with _smtp(self.smtp_url, min(self.seconds, OPENING_SECONDS)) as server:
            yield partial(_deliver, server, self.seconds)

    def _drop(self, message: EmailMessage) -> None:
        try:
            # mailbox's own way of making them fails when two couriers begin at the same time
            for part in ("tmp", "new", "cur"):
                (self.maildir / part).mkdir(mode=0o700, parents=True, exist_ok=True)
            mailbox.Maildir(self.maildir, create=False).add(message)
        except OSError as error:  # no room, no permission
            raise WayClosed(type(error).__name__) from error


@contextmanager
def _smtp(url: str, seconds: float) -> Iterator[PatientSmtp]:
    parts = urlsplit(url)
    try:
        server = _connect(parts, seconds)
    except _BROKEN as error:
        raise WayClosed(_what_broke(error)) from error
    try:
        with within(seconds, server):
            _log_in(server, parts.scheme, parts.username, parts.password)
        yield server
    finally:
        _take_leave(server)


def _connect(parts: SplitResult, seconds: float) -> PatientSmtp:
    host, port = parts.hostname or "localhost", parts.port
    if parts.scheme == "smtps":
        context = ssl.create_default_context()
        return PatientSmtpOverTls(host, port or 465, timeout=seconds, context=context)
    return PatientSmtp(host, port or 587, timeout=seconds)


def _what_broke(error: Exception) -> str:
    """Name it, without the server's own words, which may be about somebody."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{type(error).__name__}, {error.verify_message}"
    return type(error).__name__


def _take_leave(server: smtplib.SMTP) -> None:
    """End the connection; what was sent has been answered, so how it ends changes nothing."""
    with suppress(OSError, smtplib.SMTPException), within(GOODBYE_SECONDS, server):
        server.quit()
    server.close()


def _log_in(server: smtplib.SMTP, scheme: str, user: str | None, password: str | None) -> None:
    try:
        server.ehlo()
        if scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if user is not None:
            _require_privacy(server)
            server.login(unquote(user), unquote(password or ""))
    except _BROKEN as error:
        raise WayClosed(_what_broke(error)) from error


def _require_privacy(server: smtplib.SMTP) -> None:
    """See that nobody between can read the password: over TLS, or within this machine."""
    if isinstance(server.sock, ssl.SSLSocket):
        return
    peer = server.sock.getpeername() if server.sock else ("",)
    if not ip_address(peer[0]).is_loopback:
        raise WayClosed("no TLS, so the password isn't told")


def _deliver(server: PatientSmtp, seconds: float, message: EmailMessage) -> None:
    """Send one message after the other; raises NotTried for a later one only.

    On a new connection it may be about the message: that counts, or it would go on for ever.
    """
    was_used, server.has_begun = server.has_begun, False
    try:
        with within(seconds, server):
            _send(server, message)
    except WayClosed as error:
        if was_used and not server.has_begun:
            raise NotTried(str(error)) from error
        raise


def _send(server: smtplib.SMTP, message: EmailMessage) -> None:
    takes_8_bits = server.has_extn("8bitmime")
    if not takes_8_bits:  # what has more is encoded then (RFC 6152)
        message.policy = message.policy.clone(cte_type="7bit")
    # where an address isn't ASCII, smtplib asks for it itself, with SMTPUTF8
    options = ["BODY=8BITMIME"] if takes_8_bits and _is_to_ascii(message) else []
    try:
        server.send_message(message, mail_options=options)
    except smtplib.SMTPRecipientsRefused as error:
        code = max(code for code, _ in error.recipients.values())
        raise _meaning(code)(f"recipient refused: {code}") from error
    except smtplib.SMTPServerDisconnected as error:
        raise WayClosed("disconnected") from error
    except smtplib.SMTPResponseException as error:
        raise _meaning(error.smtp_code)(f"refused: {error.smtp_code}") from error
    except smtplib.SMTPNotSupportedError as error:
        raise NeverSend("the address isn't ASCII, and the server knows no SMTPUTF8") from error
    except OSError as error:
        raise WayClosed(_what_broke(error)) from error


def _is_to_ascii(message: EmailMessage) -> bool:
    addresses = [*message["From"].addresses, *message["To"].addresses]
    return all(address.addr_spec.isascii() for address in addresses)


def _meaning(code: int) -> type[WayClosed | TryLater | NeverSend]:
    if code == CLOSING:
        return WayClosed
    return NeverSend if code >= 500 else TryLater
