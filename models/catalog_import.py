"""Imports a catalog: every fault found, or every row written, in one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, select, text

from models.importing import changes, duplicates, references
from models.importing.fault import CatalogFaults, Fault, in_file_order
from models.importing.locking import lock_changing_rows, wait_for_other_imports
from models.importing.rows import Catalog
from models.importing.staging import SESSIONS, stage
from models.importing.writing import Counts, write
from models.long_transaction import allow_long_transaction
from models.promotion_jobs import queue_promotions_of
from models.waitlist import WaitlistEntry, WaitlistStatus

_MINUTES = 10

_CHECKS = (
    *duplicates.WITHIN_FILE,
    *duplicates.WITH_STORED_ROWS,
    *references.UNKNOWN,
    *references.PINS_THAT_DONT_FIT,
    *changes.OTHER_PARENTS,
    *changes.SEATS_TAKEN,
    *changes.ERASED,
)


def import_catalog(
    engine: Engine,
    catalog: Catalog,
    *,
    now: datetime,
    known_faults: Sequence[Fault] = (),
    on_rows: Callable[[int], None] = lambda _: None,
) -> dict[str, Counts]:
    """Write the catalog by id and return how many rows of each kind were new, changed, same.

    Stored rows that the catalog doesn't name are kept. A package gets a progress row for each
    step of its program, also when a step comes later. Seats that are new are promised to those
    who wait for them.

    `known_faults` are what the reader found already; `on_rows` is told how many more rows were
    taken in. Raises `CatalogFaults` with these and all that the database adds, nothing written;
    `sqlalchemy.exc.OperationalError` when the database is away or a lock isn't to be had.
    """
    with engine.begin() as db:
        allow_long_transaction(db, _MINUTES)
        wait_for_other_imports(db)
        stage(db, catalog, on_rows)
        lock_changing_rows(db)
        faults = [*known_faults, *_find_faults(db)]
        if faults:
            raise CatalogFaults(in_file_order(faults))
        counts = write(db)
        queue_promotions_of(db, _touched_and_waited_for(db), now)
        return counts


def _touched_and_waited_for(db: Connection) -> list[int]:
    """The sessions that are new or changed, of classes that anybody waits for."""
    staged = SESSIONS.staged
    waited_for = select(WaitlistEntry.group_class_id).where(
        WaitlistEntry.status == WaitlistStatus.WAITING
    )
    touched = select(staged.c.id).where(
        staged.c.state != "same", staged.c.group_class_id.in_(waited_for)
    )
    return list(db.scalars(touched))


def _find_faults(db: Connection) -> list[Fault]:
    return [Fault(*row) for check in _CHECKS for row in db.execute(text(check))]
