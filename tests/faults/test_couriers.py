"""Couriers that die or oversleep: the same mail may come twice, never a second one."""

from collections.abc import Iterator
from email import message_from_bytes
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Connection, Engine, text

from models.couriers import Claimed, claim, mark_dead, mark_failed, mark_sent, release
from models.deciding import decide_lane
from models.lanes import LANES
from models.outbox import OutboxKind
from models.round import Decider
from tests.backends import WORKERS, waiting_backends
from tests.outbox_rows import end_leases
from tests.processes import Processes, free_port, until
from tests.school import School


class MailServer:
    """Counts Message-IDs; can hold up a courier between its sending and its noting that."""

    def __init__(self, engine: Engine) -> None:
        self.received: list[str] = []
        self.hold_up = False
        self._engine = engine
        self._held: Connection | None = None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.received.append(message_from_bytes(envelope.content)["Message-ID"])
        if self.hold_up:
            self._held = self._engine.connect()
            self._held.execute(text("SELECT FROM outbox_message WHERE kind = 'MAIL' FOR UPDATE"))
        return "250 it is ours now"

    def let_go(self) -> None:
        self.hold_up = False
        if self._held is not None:
            self._held.close()


@pytest.fixture
def mail_server(engine: Engine) -> Iterator[tuple[MailServer, str]]:
    server, port = MailServer(engine), free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    yield server, f"smtp://127.0.0.1:{port}"
    server.let_go()
    controller.stop()


@pytest.fixture
def booked(school: School, decider: Decider) -> School:
    """A school with one booking whose confirmation has still to leave."""
    course = school.course()
    course.submit(*course.enrol_one())
    assert sum(decide_lane(decider, lane).decided for lane in range(LANES)) == 1
    return school


def claim_mail(engine: Engine) -> list[Claimed]:
    with engine.begin() as db:
        return claim(db, OutboxKind.MAIL, 10)


def mail_status(engine: Engine) -> str:
    with engine.connect() as db:
        return str(db.scalar(text("SELECT status FROM outbox_message WHERE kind = 'MAIL'")))


def test_a_courier_that_overslept_its_lease_can_not_finish_what_another_one_sent(
    booked: School,
) -> None:
    engine = booked.engine
    [slow] = claim_mail(engine)
    assert claim_mail(engine) == []
    end_leases(engine)
    [quick] = claim_mail(engine)
    assert quick.id == slow.id

    with engine.begin() as db:
        assert mark_sent(db, slow) is False
        assert mark_failed(db, slow, "late") is False
        assert mark_dead(db, slow, "late") is False
        assert release(db, slow, "late") is False
    assert mail_status(engine) == "SENDING"
    with engine.begin() as db:
        assert mark_sent(db, quick) is True
    with engine.begin() as db:
        assert mark_sent(db, slow) is False
        assert mark_failed(db, slow, "late") is False
    assert mail_status(engine) == "SENT"


def test_a_courier_killed_between_sending_and_noting_it_sends_the_same_id_again(
    booked: School, processes: Processes, mail_server: tuple[MailServer, str]
) -> None:
    server, url = mail_server
    courier = processes.start_worker("mail", SMTP_URL=url)
    server.hold_up = True
    processes.send("tasks.mail.send_mail", queue="mail")
    until(lambda: waiting_backends(booked.engine, WORKERS), 10, "the courier's note")
    courier.kill()
    server.let_go()
    assert mail_status(booked.engine) == "SENDING"

    end_leases(booked.engine)
    processes.start_worker("mail", SMTP_URL=url)
    processes.send("tasks.mail.send_mail", queue="mail")
    until(lambda: mail_status(booked.engine) == "SENT", 20, "the second sending")

    assert len(server.received) == 2
    assert len(set(server.received)) == 1
