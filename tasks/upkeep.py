"""What is done from time to time: the invariants are proved, and waits in vain are ended.

Beat only wakes these; twice at once they are harmless.
"""

import structlog

from models.invariant_result import keep_results
from models.invariants import check_invariants as find_violations
from models.passed_waits import end_passed_waits as end_waits
from tasks.celery_app import celery
from tasks.worker_state import worker_state

BATCH = 500

log = structlog.get_logger()


# taken off the queue at once: run over the broker's patience it would be delivered again, and
# lost it comes again with the next beat
@celery.task(name="tasks.upkeep.check_invariants", acks_late=False, time_limit=1800)
def check_invariants() -> int:
    """Prove the invariants on every row, and keep the count for `/metrics`; returns violations."""
    state = worker_state()
    findings = find_violations(state.engine)
    with state.engine.begin() as db:
        keep_results(db, findings, state.clock())
    for violation in findings.violations[:BATCH]:
        log.error("invariant is violated", rule=violation.name, id=violation.id)
    return len(findings.violations)


@celery.task(name="tasks.upkeep.end_passed_waits")
def end_passed_waits() -> int:
    """End the waits for sessions that have started; returns how many."""
    state = worker_state()
    total = 0
    while True:
        with state.engine.begin() as db:
            ended = end_waits(db, state.clock(), BATCH)
        total += ended
        if ended < BATCH:
            return total
