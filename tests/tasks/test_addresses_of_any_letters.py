"""Readers whose address has letters beyond ASCII: written to where the server knows how."""

import email
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.policy import SMTPUTF8
from mailbox import Maildir
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, text

from models.round import Decider
from tasks.mail import send_mail
from tasks.mailing import Courier
from tests.processes import free_port
from tests.school import School
from tests.tasks.smtp_server import HOST, PASSWORD, USER, MailServer, running
from tests.tasks.test_mail import book, states
from tests.tasks.this_worker import state_of, working_with

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

ADDRESSES = ["jürgen@x.example", "用户@x.example", "müller+kurs@bücher.example"]

Serve = Callable[[bool], MailServer]


@pytest.fixture
def serve(decider: Decider, tmp_path: Path) -> Iterator[Serve]:
    """Starts a mail server that knows such addresses or doesn't, for this process's courier."""

    def start(knows_them: bool) -> MailServer:  # noqa: FBT001 - of a test alone
        server, port = MailServer(), free_port()
        login = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
        courier = Courier(f"smtp://{login}@{HOST}:{port}", tmp_path)
        stack.enter_context(working_with(state_of(decider, courier)))
        stack.enter_context(running(server, port, enable_SMTPUTF8=knows_them))
        return server

    with ExitStack() as stack:
        yield start


def give_address(engine: Engine, student: int, address: str) -> None:
    with engine.begin() as db:
        db.execute(
            text("UPDATE user_account SET email = :email, name = 'Jürgen' WHERE id = :id"),
            {"email": address, "id": student},
        )


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_server_that_knows_them_gets_the_letter_and_that_of_others_as_ever(
    school: School, decider: Decider, engine: Engine, serve: Serve, address: str
) -> None:
    first, second = book(school, decider, 2)
    give_address(engine, first, address)
    server = serve(True)
    assert send_mail() == 2
    assert states(engine) == {first: ("SENT", 1), second: ("SENT", 1)}
    (content, options), (_, of_other) = server.taken
    assert sorted(option.partition("=")[0] for option in options) == ["BODY", "SIZE", "SMTPUTF8"]
    assert not any("SMTPUTF8" in option for option in of_other)
    [to] = email.message_from_string(content.decode(), policy=SMTPUTF8)["To"].addresses
    assert (to.display_name, to.addr_spec) == ("Jürgen", address)


def test_where_the_server_does_not_know_them_the_letter_is_dead_and_says_why(
    school: School, decider: Decider, engine: Engine, serve: Serve
) -> None:
    first, second = book(school, decider, 2)
    give_address(engine, first, ADDRESSES[0])
    serve(False)
    assert send_mail() == 1
    assert states(engine) == {first: ("DEAD", 1), second: ("SENT", 1)}
    with engine.connect() as db:
        said = db.scalar(text("SELECT last_error FROM outbox_message WHERE status = 'DEAD'"))
    assert said == "the address isn't ASCII, and the server knows no SMTPUTF8"


def test_in_the_maildir_the_address_is_readable(
    school: School, decider: Decider, engine: Engine, maildir: Path
) -> None:
    (student,) = book(school, decider, 1)
    give_address(engine, student, ADDRESSES[0])
    assert send_mail() == 1
    [file] = [Maildir(maildir).get_bytes(key) for key in Maildir(maildir).keys()]  # noqa: SIM118 - a Maildir isn't a dict
    assert ADDRESSES[0].encode() in file


ODD = ["ü", "ü@", "ü@b@c", "<ü@b>", "ü@[", "ü ü@x.example"]
ODD += ["ü\r\nBcc: a@x.example", "ü\x85ü@x.example", "ü\u202eü@x.example"]


@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_address_is_none_with_other_letters_either(
    school: School, decider: Decider, engine: Engine, maildir: Path, odd: str
) -> None:
    student, other = book(school, decider, 2)
    give_address(engine, student, odd)
    assert send_mail() == 1
    assert states(engine) == {student: ("DEAD", 1), other: ("SENT", 1)}
    assert len(Maildir(maildir)) == 1
