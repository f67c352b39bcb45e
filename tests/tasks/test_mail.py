"""Sending mail out of the outbox: what happens to one message costs no other."""

import re
from dataclasses import replace
from email.message import Message
from mailbox import Maildir
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from models.deciding import decide_lane
from models.lanes import LANES
from models.round import Decider
from tasks.breaker import Breaker
from tasks.mail import send_mail
from tasks.mailing import Courier
from tasks.wakeups import Wakeups
from tests.school import School
from tests.tasks.this_worker import state_of, working_with


def book(school: School, decider: Decider, count: int) -> list[int]:
    """Book a seat for some students; returns their ids."""
    course = school.course()
    enrolled = course.enrol(count)
    for student, package in enrolled:
        course.submit(student, package)
    for lane in range(LANES):
        decide_lane(decider, lane)
    return [student for student, _ in enrolled]


def states(engine: Engine) -> dict[int, tuple[str, int]]:
    with engine.connect() as db:
        rows = db.execute(
            text("SELECT user_id, status, attempts FROM outbox_message WHERE kind = 'MAIL'")
        )
        return {row.user_id: (row.status, row.attempts) for row in rows}


def said(part: Message) -> str:
    """What a part says, on one line."""
    return " ".join(part.get_payload(decode=True).decode().split())


@pytest.mark.parametrize("email", ["", "a@", "a@b@c", "<a@b>", "a@[", " "])
def test_a_letter_that_cant_be_written_is_dead_and_the_others_leave(
    school: School, decider: Decider, engine: Engine, maildir: Path, email: str
) -> None:
    odd, *others = book(school, decider, 3)
    with engine.begin() as db:
        db.execute(
            text("UPDATE user_account SET email = :email WHERE id = :id"),
            {"email": email, "id": odd},
        )
    assert send_mail() == 2
    assert states(engine) == {odd: ("DEAD", 1), **dict.fromkeys(others, ("SENT", 1))}
    assert len(Maildir(maildir)) == 2


@pytest.mark.parametrize(
    ("seconds", "sent", "woken"), [(0, 1, 1), (60, 2, 0)], ids=["its time is over", "in time"]
)
def test_a_task_whose_time_is_over_leaves_the_rest_to_another(
    school: School,
    decider: Decider,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    seconds: float,
    sent: int,
    woken: int,
) -> None:
    book(school, decider, 2)
    monkeypatch.setattr("tasks.mail.WORK_SECONDS", seconds)
    wakes: list[str] = []
    wakeups = Wakeups(lambda _: None, Breaker(()), publish_mail=lambda: wakes.append("courier"))
    state = replace(state_of(decider, Courier(None, tmp_path / "mail")), wakeups=wakeups)
    with working_with(state):
        assert send_mail() == sent
    assert len(wakes) == woken


@pytest.mark.parametrize("zone", ["US/Nowhere", "", "Europe", "../etc/passwd"])
def test_times_are_in_utc_for_whom_no_known_zone_is_kept(
    school: School, decider: Decider, engine: Engine, maildir: Path, zone: str
) -> None:
    book(school, decider, 1)
    with engine.begin() as db:
        db.execute(text("UPDATE user_account SET time_zone = :zone"), {"zone": zone})
    assert send_mail() == 1
    (letter,) = Maildir(maildir)
    [as_text] = [part for part in letter.walk() if part.get_content_type() == "text/plain"]
    assert re.search(r"\d [AP]M, UTC", said(as_text))


def test_a_name_with_a_line_break_makes_no_header(
    school: School, decider: Decider, engine: Engine, maildir: Path
) -> None:
    book(school, decider, 1)
    with engine.begin() as db:
        db.execute(text("UPDATE user_account SET name = E'Eve\\r\\nBcc: all@x.example'"))
    assert send_mail() == 1
    (letter,) = Maildir(maildir)
    assert letter["Bcc"] is None
    assert letter["Auto-Submitted"] == "auto-generated"


def test_a_maildir_that_cant_be_written_costs_attempts_only_what_was_tried(
    school: School, decider: Decider, engine: Engine, maildir: Path
) -> None:
    book(school, decider, 3)
    maildir.parent.joinpath("mail").write_text("a file where the directory should be")
    assert send_mail() == 0
    assert sorted(states(engine).values()) == [("PENDING", 0), ("PENDING", 0), ("PENDING", 1)]
