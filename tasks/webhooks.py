"""The tasks that send events to endpoints.

Claim and commit → talk to the endpoint outside any transaction → note the answer. A crash in
between sends the same event again under the same id. They run in threads (Procfile), where no
time limit of Celery's reaches: an exchange ends by its own deadline, a statement by the role's.
"""

import time
from typing import Any

import structlog
from sqlalchemy import Connection, Row

from models.webhook_claims import Claimed, claim, rescue
from models.webhook_ending import end_deleted
from models.webhook_finishing import Answer, finish
from tasks.celery_app import SEND_WEBHOOKS, celery
from tasks.ending import ENDING
from tasks.webhook_wakeups import lower_flag, wake_next
from tasks.webhook_wakeups import wake_webhooks as wake
from tasks.worker_state import WorkerState, worker_state

WORK_SECONDS = 20
"""A task begins no further delivery after this."""
WORK_SECONDS_IN_VAIN = 2
"""Nor after this once one has failed, or was slow: others wait for the thread."""
SLOW_SECONDS = 1
ENDED_AT_ONCE = 5_000
"""How many deliveries to deleted endpoints are ended at most: half a second's work."""

log = structlog.get_logger()


@celery.task(name="tasks.webhooks.wake_webhooks")
def wake_webhooks() -> int:
    """Wake senders for all endpoints with something due; returns how many.

    Before that, what waited for one that was deleted is ended, or some of it.
    """
    with worker_state().engine.begin() as db:
        end_deleted(db, ENDED_AT_ONCE)
    return wake()


@celery.task(name=SEND_WEBHOOKS)
def send_webhooks(endpoint_id: int) -> int:
    """Send what is due to an endpoint, one delivery after the other; returns how many arrived.

    Returns at once where nothing is due or all places of the endpoint are taken. An id that is
    none is left alone: anybody may write into the broker.
    """
    if type(endpoint_id) is not int or not 0 < endpoint_id < 2**63:
        log.warning("a wake-up without an endpoint's id was ignored")
        return 0
    state = worker_state()
    lower_flag(state, endpoint_id)
    if ENDING.is_set():
        return 0
    with state.engine.begin() as db:
        locked = rescue(db, endpoint_id)
        claimed = claim(db, endpoint_id, locked=locked)
    return _send_from(state, claimed)


def _send_from(state: WorkerState, claimed: Claimed | None) -> int:
    began, seconds, arrived = time.monotonic(), WORK_SECONDS, 0
    while claimed is not None:
        endpoint_id = claimed.endpoint_id
        began_one = time.monotonic()
        answer = _send_one(state, claimed)
        arrived += answer.is_success
        if not answer.is_success or time.monotonic() - began_one > SLOW_SECONDS:
            seconds = WORK_SECONDS_IN_VAIN
        # one transaction between two deliveries: what became of the last, and the next
        with state.engine.begin() as db:
            locked = _finish(db, claimed, answer)
            if ENDING.is_set():
                break
            is_over = time.monotonic() > began + seconds
            claimed = None if is_over else claim(db, endpoint_id, locked=locked, behind=claimed)
        if is_over:
            wake_next(endpoint_id)
    return arrived


def _send_one(state: WorkerState, claimed: Claimed) -> Answer:
    # these bring the libraries for HTTP and signatures along, which no other worker needs
    from tasks.webhook_exchange import Network, post  # noqa: PLC0415 - as said
    from tasks.webhook_message import write_body, write_headers  # noqa: PLC0415 - as said

    try:
        body = write_body(claimed.event)
        headers = write_headers(claimed.event, body, claimed.secrets, state.clock())
        network = Network(allow_private=state.webhook_allow_private)
        return post(network, claimed.url, headers, body)
    except Exception as error:  # it must cost this attempt alone, and be seen
        log.exception("a webhook could not be sent", delivery=claimed.id)
        return Answer(None, f"could not be sent: {type(error).__name__}")


def _finish(db: Connection, claimed: Claimed, answer: Answer) -> Row[Any] | None:
    """Note the answer; returns the endpoint as it stands, locked, or None where it changed."""
    finished = finish(db, claimed, answer)
    about = {"delivery": claimed.id, "endpoint": claimed.endpoint_id}
    if finished is None:
        log.warning("a webhook was sent by somebody else meanwhile", **about)
    elif finished.dead:
        log.warning("webhook delivery is dead", reason=answer.error, **about)
    if finished is not None and finished.disabled is not None:
        log.warning("webhook endpoint is disabled", reason=finished.disabled, **about)
    return finished.locked if finished is not None else None
