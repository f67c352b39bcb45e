"""What a mail server's answers mean for a message and for those behind it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Engine

from models.round import Decider
from tasks.mail import send_mail
from tasks.mailing import Courier
from tests.processes import free_port
from tests.school import School
from tests.tasks.test_mail import book, states
from tests.tasks.this_worker import state_of, working_with


class MailServer:
    """Refuses the first recipient with whatever answer is set, and takes all others."""

    answer = "250 it is ours now"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        said, self.answer = self.answer, MailServer.answer
        if said.startswith("421"):
            server.transport.write(f"{said}\r\n".encode())
            server.transport.close()
        envelope.rcpt_tos.append(address)
        return said


@pytest.fixture
def mail_server(decider: Decider, tmp_path: Path) -> Iterator[MailServer]:
    server, port = MailServer(), free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    courier = Courier(f"smtp://127.0.0.1:{port}", tmp_path)
    with working_with(state_of(decider, courier)):
        yield server
    controller.stop()


@pytest.mark.parametrize(
    ("answer", "first"),
    [
        ("450 later", ("PENDING", 1)),
        ("550 never", ("DEAD", 1)),
    ],
)
def test_an_answer_to_one_message_costs_no_other(  # noqa: PLR0917 - fixtures
    school: School,
    decider: Decider,
    engine: Engine,
    mail_server: MailServer,
    answer: str,
    first: tuple[str, int],
) -> None:
    refused, *others = book(school, decider, 3)
    mail_server.answer = answer
    assert send_mail() == 2
    assert states(engine) == {refused: first, **dict.fromkeys(others, ("SENT", 1))}


def test_a_server_that_hangs_up_costs_those_behind_no_attempt(
    school: School, decider: Decider, engine: Engine, mail_server: MailServer
) -> None:
    refused, *others = book(school, decider, 3)
    mail_server.answer = "421 closing"
    assert send_mail() == 0
    assert states(engine) == {refused: ("PENDING", 1), **dict.fromkeys(others, ("PENDING", 0))}
    assert send_mail() == 2
