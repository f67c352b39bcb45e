"""The task that sends the mail that waits in the outbox.

Claim and commit → talk to the mail server outside any transaction → note the outcome. A crash
in between sends the same message again under the same Message-ID, never a new one.
"""

import time
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from models.couriers import (
    Claimed,
    bury_exhausted,
    claim,
    mark_dead,
    mark_failed,
    mark_sent,
    mark_superseded,
    release,
)
from models.outbox import OutboxKind
from tasks.celery_app import SEND_MAIL, celery
from tasks.letters.orders import NotNeeded, Order, read_order
from tasks.mailing import Deliver, NeverSend, NotTried, TryLater, WayClosed
from tasks.worker_state import WorkerState, worker_state

WORK_SECONDS = 2
"""A task begins no further message after this: a worker that is told to end gives its tasks 3 s,
and one that ends in the middle of a message leaves it to its lease."""

Note = Callable[[Connection, Claimed], bool]
"""Writes down what became of a message."""

log = structlog.get_logger()


class Unwritable(Exception):  # noqa: N818 - a state of the data
    """There is nothing to write about, or what there is can't be written."""


# longer than one message may hang at the server, shorter than its lease; a second delivery of the
# task meanwhile finds the message claimed
@celery.task(name=SEND_MAIL, time_limit=85)
def send_mail() -> int:
    """Send the mail that is due, one message after the other; returns how many left.

    Each is claimed just before it is sent, so that whatever happens to one costs no other an
    attempt.
    """
    state = worker_state()
    first = _first(state.engine)
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


def _first(engine: Engine) -> Claimed | None:
    with engine.begin() as db:
        bury_exhausted(db, OutboxKind.MAIL)
        return _claim(db, behind=0)


def _claim(db: Connection, *, behind: int) -> Claimed | None:
    return next(iter(claim(db, OutboxKind.MAIL, 1, behind=behind)), None)


def _send_from(state: WorkerState, first: Claimed, deliver: Deliver) -> int:
    ends = time.monotonic() + WORK_SECONDS
    message: Claimed | None = first
    sent, in_time = 0, True
    while message is not None:
        note = _send_one(state, message, deliver)
        sent += note is mark_sent
        # one transaction between two messages: what became of the last, and the next
        with state.engine.begin() as db:
            note(db, message)
            in_time = time.monotonic() < ends
            message = _claim(db, behind=message.written) if in_time else None
    if not in_time:
        state.wakeups.wake_courier()
    return sent


def _send_one(state: WorkerState, message: Claimed, deliver: Deliver) -> Note:
    """Send a message; returns how to note what became of it. Raises WayClosed."""
    try:
        letter = _write(state, message)
        deliver(letter)
    except NotNeeded as error:
        return partial(mark_superseded, why=str(error))
    except TryLater as error:
        return partial(mark_failed, error=str(error))
    except WayClosed as error:
        with state.engine.begin() as db:
            if isinstance(error, NotTried):
                release(db, message, str(error))
            else:
                mark_failed(db, message, str(error))
        raise
    except (NeverSend, Unwritable) as error:
        log.warning("mail is dead", outbox_id=str(message.id), reason=str(error))
        return partial(mark_dead, error=str(error))
    return mark_sent


def _write(state: WorkerState, message: Claimed) -> EmailMessage:
    now = state.clock()
    try:
        return _write_down(state, _read(state, message, now), message.id, now)
    except (NotNeeded, Unwritable, SQLAlchemyError):
        raise
    except Exception as error:  # of odd data; it must cost this message alone
        raise Unwritable(f"can't be written: {type(error).__name__}") from error


def _read(state: WorkerState, message: Claimed, now: datetime) -> Order:
    # without BEGIN and ROLLBACK, which cost as much as the reading
    with state.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        order = read_order(db, message, state.policy, now)
    if order is None:
        raise Unwritable("what it is about is gone")
    return order


def _write_down(state: WorkerState, order: Order, message_id: UUID, now: datetime) -> EmailMessage:
    # at first use: all workers import this module, and templates are the couriers' alone
    from tasks.letters.writing import write_letter  # noqa: PLC0415 - as above

    return write_letter(order, message_id, state.letterhead, now)
