"""Deletes what may be purged: in batches by the primary key, each a transaction of its own."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Connection,
    Delete,
    Engine,
    Integer,
    Row,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    text,
)

from models.event_log import EventLog
from models.purging.kinds import BEFORE, KINDS, Kind
from models.webhook import WebhookDelivery

SHORTEST_DAYS = 7
"""Keys of repeated requests are kept for a day, a mail is tried for one, a webhook for five."""
AGES = timedelta(days=3650)
"""Nobody keeps rows for longer; who does has them all looked at."""
BATCH = 500
"""How many rows are looked at in one transaction, and locked at most."""


def purge(
    engine: Engine,
    before: datetime,
    *,
    dry_run: bool = False,
    batch: int = BATCH,
    on_rows: Callable[[int], None] = lambda _: None,
) -> dict[str, int]:
    """Delete what was finished before that moment; returns how many rows of each kind.

    A dry run counts, and deletes nothing. What somebody holds locked is left for the next time,
    so that nobody is waited for. `batch` is how many rows one transaction looks at, `on_rows` is
    told of each such number. Raises `sqlalchemy.exc.DBAPIError`.
    """
    with engine.connect() as db:
        kept_from = _first_needed(db)
    given = {"before": before, "kept_from": kept_from, "counting": dry_run, "most": batch}
    return {kind.name: _walk(engine, kind, given, on_rows) for kind in KINDS}


def _first_needed(db: Connection) -> int:
    """The position of the newest event, or of the oldest that a webhook still waits for.

    The newest stays, because the next one's position is counted from it.
    """
    return int(db.scalar(_FIRST_NEEDED) or 0)


def _walk(engine: Engine, kind: Kind, given: dict[str, Any], on_rows: Callable[[int], None]) -> int:
    after: Any = UUID(int=0) if isinstance(kind.key.type, Uuid) else 0
    total = 0
    while True:
        with engine.begin() as db:
            rows = db.execute(_look(kind), given | {"after": after}).all()
            going = [row.key for row in rows if row.may_go]
            total += _go(db, kind, given, going)
        on_rows(len(rows))
        after = _next(given, rows)
        if after is None:
            return total


def _next(given: dict[str, Any], rows: Sequence[Row[Any]]) -> Any:
    """Behind which key to look on; None at the end."""
    if len(rows) < given["most"]:
        return None
    last = rows[-1].key
    if any(row.is_old for row in rows):
        return last
    if not isinstance(last, UUID):
        return None
    return max(last, _behind_those_in_time(given["before"]))


def _behind_those_in_time(before: datetime) -> UUID:
    """Behind all ids that rise in time; there is what a trigger of the old code's time made.

    Its ids are of chance (version 4), and nearly all larger than any that begins with a time.
    What lies before this one is reached when its place in time is.
    """
    milliseconds = int((before + AGES).timestamp() * 1000)
    return UUID(int=milliseconds << 80)


def _go(db: Connection, kind: Kind, given: dict[str, Any], keys: list[Any]) -> int:
    if given["counting"] or not keys:
        return len(keys)
    if kind.table is EventLog:
        # its trigger lets rows go for this transaction alone
        db.execute(text("SET LOCAL thrive.maintenance = 'on'"))
    return db.execute(_delete(kind), given | {"keys": keys}).rowcount


@cache
def _look(kind: Kind) -> Select[Any]:
    is_old = kind.made_at < BEFORE
    return (
        select(
            kind.key.label("key"),
            is_old.label("is_old"),
            and_(is_old, kind.may_go).label("may_go"),
        )
        .where(kind.key > bindparam("after", type_=kind.key.type))
        .order_by(kind.key)
        .limit(bindparam("most", type_=Integer))
    )


@cache
def _delete(kind: Kind) -> Delete:
    keys = kind.key == any_(bindparam("keys", type_=ARRAY(kind.key.type)))
    free = select(kind.key).where(keys, kind.may_go).with_for_update(skip_locked=True).cte("free")
    return delete(kind.table).where(kind.key == any_(func.array(select(free).scalar_subquery())))


def _first_open(status: str) -> Any:
    # written into the statement, so that the index of what is open answers
    is_open = WebhookDelivery.status == literal_column(f"'{status}'")
    return select(func.min(WebhookDelivery.position)).where(is_open).scalar_subquery()


_FIRST_NEEDED = select(
    func.least(
        select(func.max(EventLog.position)).scalar_subquery(),
        _first_open("PENDING"),
        _first_open("SENDING"),
    )
)
