"""What machines ask: is the process up, can it serve, what are its numbers."""

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST

from app.api.blueprint import ApiBlueprint
from app.api.collaborators import current_runtime, request_db
from app.api.invariant_metrics import invariant_exposition
from app.api.metrics import exposition
from app.api.problem import Problem
from app.api.schemas.probes import AliveSchema, ReadyStateSchema
from app.api.work_metrics import broker_exposition, work_exposition
from models.invariant_result import last_results
from models.work_in_hand import look_at_work

T = TypeVar("T")

log = structlog.get_logger(__name__)

health = ApiBlueprint("health", description="Probes and metrics for machines.", public=True)


@health.get("/healthz")
@health.response(200, AliveSchema)
def alive() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@health.get("/readyz")
@health.response(200, ReadyStateSchema)
@health.alt_response(503, "SERVICE_UNAVAILABLE")
def ready() -> dict[str, Any]:
    """Say whether bookings can be taken: the database is reachable and migrated."""
    readiness = current_runtime().readiness
    # one look at a database that hangs takes long enough
    if not _ask(readiness.database, otherwise=False):
        raise Problem(
            "database_unavailable",
            "The database can't be reached or isn't migrated.",
            members={"database": False, "broker": _ask(readiness.broker, otherwise=False)},
        )
    return {
        "status": "ready",
        "database": True,
        "broker": _ask(readiness.broker, otherwise=False),
        "worker_seen_seconds_ago": _ask(readiness.worker_seen_seconds_ago, otherwise=None),
        "oldest_queued_seconds": _ask(readiness.oldest_queued_seconds, otherwise=None),
    }


def _ask(question: Callable[[], T], *, otherwise: T) -> T:
    """Ask, and take any failure for the answer that nothing is known."""
    try:
        return question()
    except Exception as error:  # noqa: BLE001 - a probe reports, whatever it is that is broken
        log.warning("probe_failed", error=type(error).__name__)
        return otherwise


@health.get("/metrics")
@health.response(200, {"type": "string"}, content_type="text/plain")
def metrics() -> Response:
    """Print the numbers of all web processes, the work in hand and the invariants' last look."""
    # what is in the database is left out while it is away
    stored = _ask(_stored_numbers, otherwise=b"")
    broker = broker_exposition(is_up=_ask(current_runtime().readiness.broker, otherwise=False))
    return Response(exposition() + broker + stored, content_type=CONTENT_TYPE_LATEST)


def _stored_numbers() -> bytes:
    db = request_db()
    return work_exposition(look_at_work(db)) + invariant_exposition(last_results(db))
