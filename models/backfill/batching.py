"""Does a long work in short transactions, and tries again what the database kept from it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Text, bindparam, func, select, true
from sqlalchemy.exc import DBAPIError

from models.database_faults import is_doubtful, is_passing

BATCH = 100
"""Steps in one transaction: some 60 ms, for which bookings of the same classes wait."""
ATTEMPTS = 30
PAUSE = timedelta(seconds=0.5)
"""Between two attempts: a database that restarts is waited for, a quarter of a minute."""
LOCK_TIMEOUT = "1s"


Made = dict[str, Any]
"""What was made of one step."""


@dataclass(slots=True)
class Pace:
    """How long it took so far: all transactions together, and the longest of them."""

    spent: timedelta = timedelta()
    longest: timedelta = timedelta()

    def add(self, taken: timedelta) -> None:
        """Note a transaction."""
        self.spent += taken
        self.longest = max(self.longest, taken)


@dataclass(frozen=True, slots=True)
class Batches:
    """Batches of one work: `do` is one transaction of it, kept unless it is `dry`.

    `refused` says what is made of a single step that the database refuses whatever the other ones
    are; `on_batch` is given what was made of some more, and how many these were.
    """

    engine: Engine
    do: Callable[[Connection, Sequence[int]], list[Made]]
    refused: Callable[[Connection, int, DBAPIError], list[Made]]
    on_batch: Callable[[list[Made], int], object]
    dry: bool
    pace: Pace

    def run(self, ids: Sequence[int]) -> None:
        """Do all of them, in their order; raises what doesn't pass."""
        for first in range(0, len(ids), BATCH):
            batch = ids[first : first + BATCH]
            self.on_batch(self._batch(batch), len(batch))

    def _batch(self, ids: Sequence[int]) -> list[Made]:
        try:
            return self._patiently(lambda db: self.do(db, ids))
        except DBAPIError as error:
            # a right that the role hasn't, for example, is no fault of these steps
            if is_passing(error) or is_doubtful(error):
                raise
            if len(ids) == 1:
                refusal = error
                return self._patiently(lambda db: self.refused(db, ids[0], refusal))
        return [it for position in range(len(ids)) for it in self._batch(ids[position:][:1])]

    def _patiently(self, work: Callable[[Connection], list[Made]]) -> list[Made]:
        for _ in range(ATTEMPTS - 1):
            try:
                return self._once(work)
            except DBAPIError as error:
                if not is_passing(error):
                    raise
            time.sleep(PAUSE / timedelta(seconds=1))
        return self._once(work)

    def _once(self, work: Callable[[Connection], list[Made]]) -> list[Made]:
        with self.engine.connect() as db, db.begin() as transaction:
            db.execute(_LIMITS, {"patience": LOCK_TIMEOUT})
            began = time.monotonic()
            made = work(db)
            transaction.rollback() if self.dry else transaction.commit()
        self.pace.add(timedelta(seconds=time.monotonic() - began))
        return made


# no table is read whole where an index will do, however short the planner believes it to be: it
# grows while this goes on
_LIMITS = select(
    func.set_config("lock_timeout", bindparam("patience", type_=Text), true()),
    func.set_config("enable_seqscan", "off", true()),
)
