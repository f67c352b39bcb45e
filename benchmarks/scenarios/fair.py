"""Whether one hot session slows down the others: their decisions alone, and beside it."""

import random
from typing import Any

from benchmarks.figures import Figures
from benchmarks.http_client import Pool
from benchmarks.installation import Installation
from benchmarks.measuring import measure
from benchmarks.outcome import check_decided, check_seats
from benchmarks.requests import Errand
from benchmarks.scenarios.rushes import Rush, hot, make_errands
from benchmarks.school import School, found
from benchmarks.sizes import Sizes
from benchmarks.students import Trace, rush
from benchmarks.ways import PRODUCT

SEED = 4


def run_fair(sizes: Sizes, installation: Installation) -> list[Figures]:
    """Run the others' rush alone, and once more, in another school, in the midst of a hot one.

    Some of the others share the hot session's lane; they count like all. They are over in two
    seconds, of which one pause makes another figure: of several runs the middle one is taken.
    """
    others = Rush("fair", sizes.fair_students, sizes.fair_students, programs=sizes.fair_sessions)
    alone, beside = list[Figures](), list[Figures]()
    for _ in range(sizes.fair_runs):
        alone.append(_run(others, None, installation, "others alone"))
        beside.append(_run(others, hot(sizes), installation, "others beside a hot session"))
    return [_middle(alone), _middle(beside)]


def _middle(runs: list[Figures]) -> Figures:
    return sorted(runs, key=lambda run: run.decision_ms["p95"])[len(runs) // 2]


def _run(others: Rush, beside: Rush | None, installation: Installation, way: str) -> Figures:
    school, errands = _prepare(others, installation)
    hot_school, hot_errands = _prepare(beside, installation) if beside else (None, [])
    figures = Figures("fair", way, len(errands))
    installation.wait_until_quiet()
    jobs = len(errands) + len(hot_errands)
    measure(figures, installation, lambda pool: _mixed(pool, errands, hot_errands), jobs=jobs)
    check_seats(installation.engine, school.base, school.base + school.sessions, others.seats)
    if beside and hot_school:
        low = hot_school.base
        check_seats(installation.engine, low, low + hot_school.sessions, beside.seats)
    check_decided(installation.engine)
    return figures


def _prepare(rush_: Rush, installation: Installation) -> tuple[School, list[Errand]]:
    school = rush_.school(next(installation.school_numbers))
    found(installation.engine, school)
    return school, make_errands(rush_, school, installation, PRODUCT)


async def _mixed(pool: Pool, others: list[Errand], hot_ones: list[Errand]) -> Any:
    """Let all begin at once, in any order; only what the others saw is returned."""
    everybody = [*others, *hot_ones]
    order = list(range(len(everybody)))
    random.Random(SEED).shuffle(order)
    traces = await rush(pool, [everybody[number] for number in order])
    of: dict[int, Trace] = dict(zip(order, traces, strict=True))
    return [of[number] for number in range(len(others))]
