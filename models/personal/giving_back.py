"""Gives back what somebody has to come, by the jobs with which staff would do it.

So seats are freed under the same locks as ever, whoever waits is promoted, and the ledger and the
audit log tell of it. The jobs are decided here, so that nobody has to be running; where workers
are, either decides them.
"""

import time

from models.booking_job import JobKind, Priority
from models.deciding import decide_lane
from models.desk import SYSTEM
from models.lanes import LANES
from models.personal.open_matters import CannotBeErased, OpenMatters, open_matters
from models.round import Decider
from models.staff_targets import booking_target, cancelled_package_target
from models.submitting import Request, Target, submit

COMMAND_LINE = "command line"
"""Where it comes from, for the audit log: no network address."""
REASON = "The person is erased"
PATIENCE_SECONDS = 30.0
"""How long to wait for jobs that somebody else decides."""
PAUSE_SECONDS = 0.1


def give_back(decider: Decider, user_id: int) -> OpenMatters:
    """Cancel this person's packages and coming seats, and decide all they asked for.

    Returns what there was. Raises CannotBeErased where something isn't decided in time, and what
    SQLAlchemy raises when the database is away.
    """
    with decider.engine.connect() as db:
        found = open_matters(db, user_id, decider.clock())
    for package_id in found.packages:
        _ask(decider, JobKind.CANCEL_PACKAGE, package_id)
    for booking_id in found.bookings:
        _ask(decider, JobKind.CANCEL_STEP, booking_id)
    _decide(decider, user_id)
    return found


def _ask(decider: Decider, kind: JobKind, of: int) -> None:
    with decider.engine.begin() as db:
        target: Target | None
        body: dict[str, object] = {"reason": REASON}
        if kind == JobKind.CANCEL_PACKAGE:
            target = cancelled_package_target(db, of)
        else:
            target, body["override"] = booking_target(db, of), {"reason": REASON}
        if target is None:  # deleted meanwhile
            return
        request = Request(
            kind=kind,
            submitted_by=SYSTEM,
            target=target,
            body=body,
            priority=Priority.STAFF,
            submitted_from=COMMAND_LINE,
        )
        submit(db, request, decider.clock())


def _decide(decider: Decider, user_id: int) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while _is_undecided(decider, user_id):
        if time.monotonic() > ends:
            raise CannotBeErased(
                f"User {user_id} has requests that are being decided still: try again in a minute"
            )
        for lane in range(LANES):
            decide_lane(decider, lane, until=lambda: time.monotonic() > ends)
        time.sleep(PAUSE_SECONDS)


def _is_undecided(decider: Decider, user_id: int) -> bool:
    with decider.engine.connect() as db:
        return bool(open_matters(db, user_id, decider.clock()).jobs)
