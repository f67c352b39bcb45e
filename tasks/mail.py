"""The task that sends the mail that waits in the outbox.

Claim and commit → talk to the mail server outside any transaction → note the outcome. A crash
in between sends the same message again under the same Message-ID, never a new one.
"""

import time
from email.message import EmailMessage

import structlog
from sqlalchemy import Engine

from models.couriers import Claimed, claim, mark_dead, mark_failed, mark_sent, release
from models.outbox import OutboxKind
from tasks.celery_app import celery
from tasks.letter_orders import read_order
from tasks.letter_writing import write_letter
from tasks.mailing import Deliver, NeverSend, TryLater, WayClosed
from tasks.worker_state import WorkerState, worker_state

WORK_SECONDS = 20
"""A task begins no further message after this."""

log = structlog.get_logger()


# longer than one message may hang at the server, shorter than its lease; a second delivery of the
# task meanwhile finds the message claimed
@celery.task(name="tasks.mail.send_mail", time_limit=85)
def send_mail() -> int:
    """Send the mail that is due, one message after the other; returns how many left.

    Each is claimed just before it is sent, so that whatever happens to one costs no other an
    attempt.
    """
    state = worker_state()
    first = _claim(state.engine)
    if first is None:
        return 0
    try:
        with state.courier.open() as deliver:
            return _send_from(state, first, deliver)
    except WayClosed as error:
        log.warning("mail server can't be reached", reason=str(error))
        with state.engine.begin() as db:
            # does nothing to a message that was tried: its lease is over
            release(db, first, f"mail server: {error}")
        return 0


def _claim(engine: Engine) -> Claimed | None:
    with engine.begin() as db:
        return next(iter(claim(db, OutboxKind.MAIL, 1)), None)


def _send_from(state: WorkerState, first: Claimed, deliver: Deliver) -> int:
    ends = time.monotonic() + WORK_SECONDS
    message: Claimed | None = first
    sent = 0
    while message is not None:
        sent += _send_one(state, message, deliver)
        message = _claim(state.engine) if time.monotonic() < ends else None
    return sent


def _send_one(state: WorkerState, message: Claimed, deliver: Deliver) -> int:
    letter = _write(state, message)
    if letter is None:
        return 0
    try:
        deliver(letter)
    except (TryLater, WayClosed) as error:
        with state.engine.begin() as db:
            mark_failed(db, message, str(error))
        if isinstance(error, WayClosed):
            raise
        return 0
    except NeverSend as error:
        with state.engine.begin() as db:
            mark_dead(db, message, str(error))
        log.warning("mail is dead", outbox_id=str(message.id), reason=str(error))
        return 0
    with state.engine.begin() as db:
        mark_sent(db, message)
    return 1


def _write(state: WorkerState, message: Claimed) -> EmailMessage | None:
    with state.engine.connect() as db:
        order = read_order(db, message.topic, message.payload)
    if order is None:
        _bury(state, message, "what it is about is gone")
        return None
    try:
        return write_letter(order, message.id, state.courier.sender, state.clock())
    except Exception as error:  # noqa: BLE001 - of odd data; it must cost this message alone
        _bury(state, message, f"can't be written: {type(error).__name__}")
        return None


def _bury(state: WorkerState, message: Claimed, reason: str) -> None:
    with state.engine.begin() as db:
        mark_dead(db, message, reason)
    log.warning("mail is dead", outbox_id=str(message.id), reason=reason)
