"""A mail server over TLS with a login: nothing is told to one that isn't who it says it is."""

import email
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from sqlalchemy import Engine, text

from models.round import Decider
from tasks.mail import send_mail
from tasks.mailing import Courier, WayClosed
from tests.outbox_rows import end_leases
from tests.processes import free_port
from tests.school import School
from tests.tasks.certificates import Authority
from tests.tasks.smtp_server import HOST, PASSWORD, USER, Fault, MailServer, running
from tests.tasks.test_mail import book, states
from tests.tasks.this_worker import state_of, working_with

# of TLS from the start the server's class knows nothing
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

SECONDS = 0.6
"""How long the courier waits for the server here."""

Serve = Callable[..., MailServer]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def serve(
    decider: Decider, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Serve]:
    """Starts a mail server, and points this process's courier at it, which trusts our authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))

    def start(scheme: str, *, password: str = PASSWORD, address: str = HOST) -> MailServer:
        server, port = MailServer(), free_port()
        context = authority.server_context(address)
        way = "ssl_context" if scheme == "smtps" else "tls_context"
        stack.enter_context(running(server, port, **{way: context}))
        login = f"{quote(USER, safe='')}:{quote(password, safe='')}"
        courier = Courier(f"{scheme}://{login}@{HOST}:{port}", tmp_path, SECONDS)
        stack.enter_context(working_with(state_of(decider, courier)))
        return server

    with ExitStack() as stack:
        yield start


def addresses_of_this_machine() -> list[str]:
    """Those by which others reach it; a mail server there may as well be far away."""
    found = [one for each in psutil.net_if_addrs().values() for one in each]
    here = [one.address for one in found if one.family == socket.AF_INET]
    return [address for address in here if not address.startswith("127.")]


@pytest.mark.parametrize("far", [False, True])
def test_a_password_is_told_in_the_clear_within_this_machine_only(
    tmp_path: Path, *, far: bool
) -> None:
    others = addresses_of_this_machine()
    if far and not others:
        pytest.skip("this machine has no other address than loopback")
    host = others[0] if far else HOST
    server, port = MailServer(), free_port()
    login = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
    courier = Courier(f"smtp://{login}@{host}:{port}", tmp_path, SECONDS)
    with running(server, port, host=host):
        if far:
            with pytest.raises(WayClosed, match="no TLS"), courier.open():
                pass
        else:
            with courier.open():
                pass
    assert server.logins == ([] if far else [True])


def let_time_pass(engine: Engine) -> None:
    """As if all that waits for its next attempt were due, and every lease over."""
    with engine.begin() as db:
        db.execute(text("UPDATE outbox_message SET next_attempt_at = now() - interval '1 s'"))
    end_leases(engine)


def errors(engine: Engine) -> set[str | None]:
    with engine.connect() as db:
        return set(db.scalars(text("SELECT last_error FROM outbox_message WHERE kind = 'MAIL'")))


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_batch_goes_over_one_connection_after_one_login(
    school: School, decider: Decider, engine: Engine, serve: Serve, scheme: str
) -> None:
    book(school, decider, 3)
    server = serve(scheme)
    before = server.connections
    assert send_mail() == 3
    assert server.logins == [True]
    assert server.connections == before + 1
    assert len(set(server.delivered)) == 3
    assert set(states(engine).values()) == {("SENT", 1)}


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_wrong_password_costs_no_message_an_attempt(
    school: School, decider: Decider, engine: Engine, serve: Serve, scheme: str
) -> None:
    book(school, decider, 2)
    server = serve(scheme, password="wrong")
    assert send_mail() == 0
    assert server.delivered == []
    assert set(states(engine).values()) == {("PENDING", 0)}
    assert "mail server: SMTPAuthenticationError 535" in errors(engine)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize(
    ("doubt", "told"),
    [
        ("of another address", "IP address mismatch, certificate is not valid for '127.0.0.1'."),
        ("of an authority that nobody knows", "unable to get local issuer certificate"),
    ],
)
def test_who_cant_prove_its_name_gets_neither_the_password_nor_mail(  # noqa: PLR0917 - fixtures
    school: School,
    decider: Decider,
    engine: Engine,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    doubt: str,
    told: str,
) -> None:
    book(school, decider, 2)
    server = serve(scheme, address="127.0.0.9" if doubt == "of another address" else HOST)
    if doubt != "of another address":
        monkeypatch.delenv("SSL_CERT_FILE")
    assert send_mail() == 0
    assert (server.logins, server.delivered) == ([], [])
    assert set(states(engine).values()) == {("PENDING", 0)}
    assert f"mail server: SSLCertVerificationError, {told}" in errors(engine)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_every_mail_arrives_once_or_is_visibly_dead(
    school: School, decider: Decider, engine: Engine, serve: Serve, scheme: str
) -> None:
    students = book(school, decider, 8)
    server = serve(scheme)
    server.faults.extend(
        [
            None,
            Fault.LATER_451,
            Fault.NEVER_550,
            Fault.CUT_IN_DATA,
            Fault.CLOSING_421,
            Fault.HANG,
            Fault.NEVER_AFTER_DATA,
            *[None, Fault.CUT_IN_DATA, Fault.LATER_451, Fault.CLOSING_421],
        ]
    )
    for _ in range(12):
        send_mail()
        let_time_pass(engine)
    found = states(engine)
    assert sorted(status for status, _ in found.values()) == ["DEAD"] * 2 + ["SENT"] * 6
    assert server.faults == type(server.faults)()
    assert len(server.delivered) == len(set(server.delivered)) == 6
    assert set(server.delivered) == {f"<{id_}@x.example>" for id_ in sent(engine)}
    assert {"recipient refused: 550", "refused: 554"} <= errors(engine)
    assert len(found) == len(students)


def sent(engine: Engine) -> list[object]:
    with engine.connect() as db:
        query = "SELECT id FROM outbox_message WHERE kind = 'MAIL' AND status = 'SENT'"
        return list(db.scalars(text(query)))


def test_one_that_was_taken_without_a_word_comes_again_under_the_same_id(
    school: School, decider: Decider, engine: Engine, serve: Serve
) -> None:
    book(school, decider, 1)
    server = serve("smtps")
    server.faults.append(Fault.CUT_AFTER_DATA)
    assert send_mail() == 0
    let_time_pass(engine)
    assert send_mail() == 1
    assert len(server.delivered) == 2
    assert len(set(server.delivered)) == 1


def test_a_server_that_hangs_is_left_after_its_time_and_the_others_wait_untried(
    school: School, decider: Decider, engine: Engine, serve: Serve
) -> None:
    first, *others = book(school, decider, 3)
    server = serve("smtp")
    server.faults.append(Fault.HANG)
    assert send_mail() == 0
    assert states(engine) == {first: ("PENDING", 1), **dict.fromkeys(others, ("PENDING", 0))}
    let_time_pass(engine)
    assert send_mail() == 3


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_that_is_slow_at_each_step_is_left_after_its_time_for_a_message(
    school: School, decider: Decider, engine: Engine, serve: Serve, scheme: str
) -> None:
    [student] = book(school, decider, 1)
    server = serve(scheme)
    server.slowness = 0.8 * SECONDS
    assert send_mail() == 0
    assert states(engine) == {student: ("PENDING", 1)}
    assert "disconnected" in errors(engine)
    server.slowness = 0
    let_time_pass(engine)
    assert send_mail() == 1


def test_a_server_that_drips_its_greeting_is_left_after_its_time(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as tarpit:
        threading.Thread(target=drip, args=(tarpit,), daemon=True).start()
        courier = Courier(f"smtp://{HOST}:{tarpit.getsockname()[1]}", tmp_path, SECONDS)
        began = time.monotonic()
        with pytest.raises(WayClosed), courier.open():
            pass
        assert time.monotonic() - began < 5 * SECONDS


def drip(tarpit: socket.socket) -> None:
    connection, _ = tarpit.accept()
    with connection, suppress(OSError):
        for byte in b"220-" + b"x" * 500:
            connection.sendall(bytes([byte]))
            time.sleep(SECONDS / 6)


def test_how_the_server_says_goodbye_changes_nothing(
    school: School, decider: Decider, engine: Engine, serve: Serve
) -> None:
    book(school, decider, 2)
    server = serve("smtps")
    server.goodbye = "421 I am in a hurry"
    assert send_mail() == 2
    assert set(states(engine).values()) == {("SENT", 1)}


def test_a_server_that_takes_seven_bits_only_gets_no_more(tmp_path: Path) -> None:
    server, port = MailServer(), free_port()
    login = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
    courier = Courier(f"smtp://{login}@{HOST}:{port}", tmp_path, SECONDS)
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = "school@x.example", "ada@x.example"
    message["Message-ID"] = "<1@x.example>"
    message.set_content("Töpfern – 18:00–19:00", cte="8bit")
    with running(server, port, decode_data=True), courier.open() as deliver:
        deliver(message)
    [(content, options)] = server.taken
    assert content.isascii()
    assert "BODY=8BITMIME" not in options
    body = email.message_from_bytes(content, policy=SMTP).get_content()
    assert body.strip() == "Töpfern – 18:00–19:00"
