"""Whom it costs an attempt when the mail server ends a connection between two messages."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, text

from models.couriers import ATTEMPTS
from models.round import Decider
from tasks.mail import send_mail
from tasks.mailing import Courier
from tests.processes import free_port
from tests.school import School
from tests.tasks.smtp_server import HOST, PASSWORD, USER, Fault, MailServer, running
from tests.tasks.test_mail import book, states
from tests.tasks.this_worker import state_of, working_with

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

HANGS_UP = [Fault.CLOSING_BEFORE, Fault.CUT_BEFORE]


@pytest.fixture
def server(decider: Decider, tmp_path: Path) -> Iterator[MailServer]:
    server, port = MailServer(), free_port()
    login = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
    courier = Courier(f"smtp://{login}@{HOST}:{port}", tmp_path)
    with working_with(state_of(decider, courier)), running(server, port):
        yield server


def is_due_again(engine: Engine) -> None:
    with engine.begin() as db:
        db.execute(text("UPDATE outbox_message SET next_attempt_at = now() WHERE kind = 'MAIL'"))


@pytest.mark.parametrize("fault", HANGS_UP)
def test_a_message_that_the_server_was_not_told_of_loses_no_attempt(
    school: School, decider: Decider, engine: Engine, server: MailServer, fault: Fault
) -> None:
    first, second, third = book(school, decider, 3)
    server.faults.extend([None, fault])
    send_mail()
    assert states(engine) == {first: ("SENT", 1), second: ("PENDING", 0), third: ("PENDING", 0)}
    with engine.connect() as db:
        put_off = text(
            "SELECT user_id FROM outbox_message WHERE kind = 'MAIL' AND next_attempt_at > now()"
        )
        assert db.scalars(put_off).all() == [second]

    is_due_again(engine)
    assert send_mail() == 2
    assert states(engine) == dict.fromkeys((first, second, third), ("SENT", 1))
    assert len(set(server.delivered)) == len(server.delivered) == 3


@pytest.mark.parametrize("fault", HANGS_UP)
def test_a_server_that_hangs_up_at_each_message_does_not_keep_it_for_ever(
    school: School, decider: Decider, engine: Engine, server: MailServer, fault: Fault
) -> None:
    (student,) = book(school, decider, 1)
    server.faults.extend([fault] * ATTEMPTS)
    for attempt in range(1, ATTEMPTS):
        send_mail()
        assert states(engine) == {student: ("PENDING", attempt)}
        is_due_again(engine)
    send_mail()
    assert states(engine) == {student: ("DEAD", ATTEMPTS)}


@pytest.mark.parametrize("fault", [Fault.CLOSING_421, Fault.CUT_IN_DATA])
def test_a_message_that_the_server_was_told_of_loses_one(
    school: School, decider: Decider, engine: Engine, server: MailServer, fault: Fault
) -> None:
    first, second = book(school, decider, 2)
    server.faults.extend([None, fault])
    send_mail()
    assert states(engine) == {first: ("SENT", 1), second: ("PENDING", 1)}
