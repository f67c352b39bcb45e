"""The steps of a run: each scenario and each baseline.

A baseline stands right behind what it is compared with, so that both meet the same machine.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks import pgbench, ways
from benchmarks.failure import require
from benchmarks.installation import Variation
from benchmarks.run import Run
from benchmarks.scenarios import (
    analytics,
    answers,
    backfill,
    fair,
    growth,
    mixed,
    pages,
    rushes,
    semester,
    webhooks,
)
from benchmarks.scenarios.drains import run_drain
from benchmarks.scenarios.rushes import Rush, run_rush
from benchmarks.sizes import Sizes
from benchmarks.variations import AS_IS, ONE_AT_A_TIME, ONLY_WEB, SYNCHRONOUS

HALF = 0.5


@dataclass(frozen=True)
class Step:
    """One step: the name by which it can be chosen, and what it does."""

    name: str
    title: str
    do: Callable[[Run], None]
    is_baseline: bool = False


def _rush(
    wanted: Callable[[Sizes], Rush], run: Run, *, variation: Variation = AS_IS, way: str
) -> None:
    with run.installations(variation) as installation:
        run.results.add(run_rush(wanted(run.sizes), installation, way))


def _by_product(name: str, wanted: Callable[[Sizes], Rush]) -> Step:
    return Step(name, name, partial(_rush, wanted, way=ways.PRODUCT))


def _by_baseline(
    name: str, wanted: Callable[[Sizes], Rush], variation: Variation, way: str
) -> Step:
    do = partial(_rush, wanted, variation=variation, way=way)
    return Step(name, f"{name}, {way}", do, is_baseline=True)


def _fair(run: Run) -> None:
    with run.installations(AS_IS) as installation:
        run.results.add(*fair.run_fair(run.sizes, installation))


def _mixed(run: Run) -> None:
    peak = run.results.find("spread", ways.PRODUCT)
    require(peak, "mixed needs the peak rate of spread: choose both")
    assert peak is not None
    rate = HALF * min(peak.submits_per_second, peak.decided_per_second)
    run.results.facts["mixed, requests/s"] = round(rate, 1)
    with run.installations(AS_IS) as installation:
        run.results.add(mixed.run_mixed(run.sizes, installation, rate))


def _webhooks(run: Run) -> None:
    with run.installations(AS_IS) as installation:
        run.results.add(*webhooks.run_webhooks(run.sizes, installation))


def _growth(run: Run) -> None:
    for old in run.sizes.old:
        with run.installations(AS_IS) as installation:
            run.results.add(growth.run_growth(run.sizes, installation, old))
            if old == run.sizes.old[-1]:
                run.results.add(growth.run_beside_backup(run.sizes, installation, old))


def _analytics(run: Run) -> None:
    run.installations.close()
    taken = analytics.run_analytics(run.installations.ground, run.sizes.reported)
    for span, milliseconds in taken.items():
        run.results.facts[f"reports on {span}, ms"] = milliseconds


def _backfill(run: Run) -> None:
    run.installations.close()
    rounds = backfill.run_backfill(
        run.installations.ground, run.sizes.legacy, run.sizes.legacy_rounds
    )
    for number, figures in enumerate(rounds, start=1):
        run.results.facts[f"backfill of {run.sizes.legacy} old steps, round {number}"] = figures


def _pages(run: Run) -> None:
    with run.installations(ONLY_WEB) as installation:
        taken = pages.run_pages(run.sizes, installation)
    for way, milliseconds in taken.items():
        run.results.facts[f"page of twenty steps, {way}, ms"] = milliseconds


def _semester(run: Run) -> None:
    with run.installations(AS_IS) as installation:
        run.results.add(semester.run_semester(run.sizes, installation))


def _drain(run: Run, processes: int) -> None:
    run.installations.close()
    sizes = run.sizes
    run.results.add(run_drain(run.installations.ground, sizes.drain, processes, old=sizes.old[0]))


def _pgbench(run: Run, script: str) -> None:
    run.installations.close()
    sizes = run.sizes
    rates = {
        f"{clients} clients": pgbench.bookings_per_second(
            run.installations.ground, script, sizes.pgbench, clients, sizes.old[0]
        )
        for clients in sizes.pgbench_clients
    }
    fact = run.results.facts.setdefault("pgbench, bookings/s", {})
    fact[script] = max(rates.values())
    fact[f"{script}, by clients"] = rates


def _answers(run: Run) -> None:
    run.installations.close()
    facts = run.results.facts
    facts["generator alone"] = answers.generator_alone(run.sizes)
    with run.installations(ONLY_WEB) as installation:
        facts["pong"] = answers.pong(run.sizes, installation)
        facts["submits alone"] = answers.submits_alone(run.sizes, installation)


STEPS = (
    _by_product("hot", rushes.hot),
    _by_baseline("hot", rushes.hot, SYNCHRONOUS, ways.SYNCHRONOUS),
    _by_product("open-hot", rushes.open_hot),
    _by_product("spread", rushes.spread),
    _by_baseline("spread", rushes.spread, SYNCHRONOUS, ways.SYNCHRONOUS),
    _by_baseline("spread", rushes.spread, ONE_AT_A_TIME, ways.ONE_AT_A_TIME),
    Step("answers", "answers", _answers, is_baseline=True),
    Step("mixed", "mixed", _mixed),
    _by_product("wizard", rushes.wizard),
    Step("fair", "fair", _fair),
    Step("drain", "drain, 1 worker", partial(_drain, processes=1)),
    Step("drain", "pgbench one by one", partial(_pgbench, script="one"), is_baseline=True),
    Step("drain", "pgbench by the hundred", partial(_pgbench, script="hundred"), is_baseline=True),
    Step("workers", "drain, 2 workers", partial(_drain, processes=2)),
    Step("semester", "semester", _semester),
    Step("growth", "growth", _growth),
    Step("webhooks", "webhooks", _webhooks),
    Step("analytics", "analytics", _analytics),
    Step("pages", "pages", _pages),
    Step("backfill", "backfill", _backfill),
)
NAMES = tuple(dict.fromkeys(step.name for step in STEPS))


def chosen(only: frozenset[str], *, baselines: bool) -> list[Step]:
    """Return the steps to do, in order; without `only` all of them."""
    return [
        step
        for step in STEPS
        if (not only or step.name in only) and (baselines or not step.is_baseline)
    ]


def by_installation(steps: list[Step]) -> list[Step]:
    """Return the steps so that those which can share an installation follow each other."""
    others = {"drain", "workers", "analytics", "backfill"}
    return sorted(steps, key=lambda step: step.is_baseline or step.name in others)
