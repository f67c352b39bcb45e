"""A whole run of the backfill, from finding the steps to the proof of what was made of them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from models.backfill import runs
from models.backfill.ahead import Ahead
from models.backfill.batching import Batches, Pace
from models.backfill.finding import count_unlinked, find_unlinked
from models.backfill.linking import Examined, Run, leave_step, link_batch
from models.backfill.placing import Left
from models.backfill.reporting import left_by_run, left_of
from models.backfill.rows import RowOutcome
from models.backfill.verifying import count_after, find_faults
from models.backfill.whole_tables import allow_whole_tables
from models.policy import Policy

REFUSED = "database_refused"


@dataclass(slots=True)
class Summary:
    """What a run came to.

    Of `before` booked steps without a booking it linked and left some; `after` are without one
    still, of `unseen` of them it says nothing: they were booked behind it, or locked. `faults` say
    where the tables disagree.
    """

    run_id: int | None
    now: datetime
    went_on: bool
    before: int
    linked: int = 0
    left: Counter[str] = field(default_factory=Counter)
    left_steps: list[Examined] = field(default_factory=list)
    after: int = 0
    unseen: int = 0
    faults: list[str] = field(default_factory=list)
    pace: Pace = field(default_factory=Pace)

    @property
    def changed_meanwhile(self) -> int:
        """How many more steps somebody else unbooked or booked while it ran, less the opposite."""
        return self.before - self.linked - self.after


def backfill(
    engine: Engine,
    policy: Policy,
    now: datetime,
    *,
    on_found: Callable[[int], object],
    on_rows: Callable[[int], object],
) -> Summary | None:
    """Link every booked step without a booking, or go on with a run that was broken off.

    None if there is nothing to do. `on_found` is told how many steps there are to look at,
    `on_rows` how many more have been. Safe beside anything else, another backfill included.
    Raises `RunUndoneError` where an undo takes it back meanwhile, and what doesn't pass; whatever
    was committed by then stays, and the next call goes on.
    """
    begun = runs.begin_or_go_on(engine, now)
    if begun is None:
        return None
    run = Run(begun.id, begun.now, now, policy)
    summary = Summary(begun.id, begun.now, went_on=begun.now != now, before=begun.steps_before)
    batches = _batches(engine, run, summary, lambda _, size: on_rows(size))
    # the old code may book more meanwhile, or have some locked; these are left to the next run
    looked_at = -1
    while (found := find_unlinked(engine, begun.id)) and len(found) != looked_at:
        looked_at = len(found)
        on_found(looked_at)
        batches.run(found)
    _verify(engine, begun.id, summary, now)
    return summary


def rehearse(
    engine: Engine,
    policy: Policy,
    now: datetime,
    *,
    on_found: Callable[[int], object],
    on_rows: Callable[[int], object],
) -> Summary:
    """Do it all in the same transactions and roll each back: a dry run."""
    found = find_unlinked(engine, None)
    on_found(len(found))
    run = Run(None, now, now, policy, Ahead())
    summary = Summary(None, now, went_on=False, before=len(found))

    def note(examined: list[Examined], size: int) -> None:
        summary.linked += sum(row["outcome"] == RowOutcome.LINKED for row in examined)
        summary.left_steps += left_of(examined)
        on_rows(size)

    _batches(engine, run, summary, note).run(found)
    summary.left = Counter(step["code"] for step in summary.left_steps)
    with engine.begin() as db:
        allow_whole_tables(db)
        summary.after = count_unlinked(db) - summary.linked
    return summary


def _batches(
    engine: Engine, run: Run, summary: Summary, on_batch: Callable[[list[Examined], int], object]
) -> Batches:
    return Batches(
        engine,
        do=lambda db, ids: link_batch(db, run, ids),
        refused=lambda db, id_, error: leave_step(db, run, id_, Left(REFUSED, _name(error))),
        on_batch=on_batch,
        dry=run.ahead is not None,
        pace=summary.pace,
    )


def _verify(engine: Engine, run_id: int, summary: Summary, now: datetime) -> None:
    with engine.begin() as db:
        allow_whole_tables(db)
        counts = count_after(db, run_id)
        summary.linked = counts.linked
        summary.after, summary.unseen = counts.unlinked, counts.unseen
        summary.left_steps = list(left_by_run(db, run_id))
        summary.left = Counter(step["code"] for step in summary.left_steps)
        summary.faults = find_faults(db, run_id)
        made = {"linked": counts.linked, "left": dict(summary.left)}
        runs.finish(db, run_id, now, made)


def _name(error: DBAPIError) -> str:
    """What the database names; its text may hold people's data and is left out."""
    diagnosis = getattr(error.orig, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or type(error.orig).__name__
