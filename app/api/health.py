"""What machines ask: is the process up, can it serve, what are its numbers."""

from collections.abc import Callable
from datetime import datetime
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
from models.invariant_result import last_results

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
    """Print the numbers of all web processes, and what the last look at the invariants found."""
    # the invariants' numbers are in the database, and are left out while it is away
    invariants = _ask(lambda: invariant_exposition(_last_results), otherwise=b"")
    return Response(exposition() + invariants, content_type=CONTENT_TYPE_LATEST)


def _last_results() -> dict[str, tuple[int, datetime]]:
    return last_results(request_db())
