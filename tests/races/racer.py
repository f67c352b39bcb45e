"""A process that decides whatever it finds, in every lane, until its standard input ends.

    python -m tests.races.racer DATABASE_URL NAME [--unlocked]

Lanes protect jobs of one class from each other only because they wait in one lane; several
racers with the jobs spread over all lanes have nothing but the row locks between them. With
`--unlocked` they don't even have those: that is the control.
"""

import random
import sys
import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import DBAPIError

from models import laying_desk
from models import round as rounds
from models.connection import make_engine
from models.database_faults import is_passing
from models.deciding import decide_lane
from models.lanes import LANES
from models.policy import Policy

RACERS = 3
SMALL_BATCH = 10
"""Small, so that one batch doesn't decide a whole class before the others have begun."""
IDLE_SECONDS = 0.05


def main(database_url: str, name: str, *options: str) -> None:
    rounds.BATCH = SMALL_BATCH
    if "--unlocked" in options:
        laying_desk._Locks._locked = lambda _, query, table: query.order_by(table.id)  # noqa: SLF001 - the control
    decider = rounds.Decider(
        engine=make_engine(database_url, application=name),
        clock=lambda: datetime.now(UTC),
        policy=Policy(timedelta(hours=24), timedelta(hours=24)),
        task_id=name,
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    race(decider, _input_end())


def race(decider: rounds.Decider, ended: threading.Event) -> None:
    lanes = list(range(LANES))
    while not ended.is_set():
        random.shuffle(lanes)
        if sum(_decide(decider, lane) for lane in lanes) == 0:
            ended.wait(IDLE_SECONDS)


def _decide(decider: rounds.Decider, lane: int) -> int:
    try:
        return decide_lane(decider, lane).decided
    except DBAPIError as error:
        if not is_passing(error):
            raise
        return 0


def _input_end() -> threading.Event:
    """An event that is set when the test lets go of this process, however it does."""
    ended = threading.Event()

    def watch() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=watch, daemon=True).start()
    return ended


if __name__ == "__main__":
    main(*sys.argv[1:])
