"""The ratios that the product has to reach, each from figures of one run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.results import Results
from benchmarks.scenarios.webhooks import NONE, THREE
from benchmarks.ways import ONE_AT_A_TIME, PRODUCT, SYNCHRONOUS, workers

Measured = float | None


@dataclass(frozen=True)
class Reached:
    """One figure with its floor and goal; it has to be at least that, or at most."""

    what: str
    floor: float | None
    goal: float | None
    figure: Measured
    at_most: bool = False

    @property
    def verdict(self) -> str:
        """Say which of the two was reached."""
        if self.figure is None:
            return "not measured"
        if self.goal is not None and self._reaches(self.goal):
            return "goal"
        if self.floor is not None:
            return "floor" if self._reaches(self.floor) else "MISSES THE FLOOR"
        return "" if self.goal is None else "misses the goal"

    def _reaches(self, mark: float) -> bool:
        assert self.figure is not None
        return self.figure <= mark if self.at_most else self.figure >= mark


def reach(results: Results) -> list[Reached]:
    """Return all ratios of the run, in the order of the README."""
    return [*_rates(results), *_latencies(results), *_growth(results), *_costs(results)]


def _rates(results: Results) -> Iterable[Reached]:
    for scenario in ("hot", "spread"):
        ratio = _ratio(results, _decided, (scenario, PRODUCT), (scenario, SYNCHRONOUS))
        yield Reached(f"{scenario}, decided/s ÷ synchronous", 1.2, 2.5, ratio)
    ratio = _ratio(results, _decided, ("spread", PRODUCT), ("spread", ONE_AT_A_TIME))
    yield Reached("spread, decided/s ÷ one at a time", 3, 6, ratio)
    drain = _figure(results, _by_database, ("drain", workers(1)))
    one = _fact(results, "pgbench, bookings/s", "one")
    yield Reached("drain, one worker process ÷ pgbench, its best", 1.5, 4, _divide(drain, one))
    by_clients = results.facts.get("pgbench, bookings/s", {}).get("one, by clients", {})
    one_client = by_clients.get("1 clients")
    yield Reached("the same ÷ pgbench with one client", None, None, _divide(drain, one_client))
    as_run = _figure(results, _by_database, ("drain", workers(2)))
    yield Reached("drain, two worker processes ÷ pgbench, its best", None, 4, _divide(as_run, one))
    pong = _fact(results, "pong", "per_second")
    spread = _figure(results, lambda run: run.submits_per_second, ("spread", PRODUCT))
    yield Reached("spread, submits/s ÷ pong", 0.2, 0.33, _divide(spread, pong))
    alone = _fact(results, "submits alone", "per_second")
    yield Reached("submits/s with nothing else running ÷ pong", None, None, _divide(alone, pong))
    ratio = _ratio(results, _by_database, ("drain", workers(2)), ("drain", workers(1)))
    yield Reached("drain, 2 workers ÷ 1 worker", 1.3, 1.7, ratio)


def _latencies(results: Results) -> Iterable[Reached]:
    mixed = results.find("mixed", PRODUCT)
    p99 = mixed.decision_ms["p99"] if mixed else None
    yield Reached("mixed, submit to decision p99, ms", 500, 150, p99, at_most=True)
    ratio = _ratio(
        results,
        lambda one: one.decision_ms["p95"],
        ("fair", "others beside a hot session"),
        ("fair", "others alone"),
    )
    yield Reached("fair, p95 of the others beside a hot session ÷ alone", 2, None, ratio, True)
    beside, without = ("webhooks", THREE), ("webhooks", NONE)
    ratio = _ratio(results, lambda one: one.decision_ms["p95"], beside, without)
    yield Reached("webhooks, p95 beside three endpoints ÷ none", None, None, ratio, True)
    ratio = _ratio(results, _by_database, beside, without)
    yield Reached("webhooks, decided/s beside three endpoints ÷ none", None, None, ratio)


def _growth(results: Results) -> Iterable[Reached]:
    grown = [one for one in results.figures if one.scenario == "growth"]
    for one in grown[1:]:
        ratio = _divide(_decided(one), _decided(grown[0]))
        yield Reached(f"growth, decided/s, {one.way} ÷ {grown[0].way}", 0.85, 0.95, ratio)


def _costs(results: Results) -> Iterable[Reached]:
    for scenario in ("hot", "spread"):
        ratio = _ratio(
            results, lambda one: one.cpu_ms_in_all, (scenario, PRODUCT), (scenario, SYNCHRONOUS)
        )
        yield Reached(f"{scenario}, CPU a booking ÷ synchronous", None, 0.5, ratio, True)
    for role in ("web", "worker"):
        peaks = [
            one.peak_mib[role]
            for one in results.figures
            if role in one.peak_mib and one.way not in {SYNCHRONOUS, ONE_AT_A_TIME}
        ]
        yield Reached(
            f"peak memory of a {role} process, MiB", 120, 80, max(peaks, default=None), True
        )


def _ratio(
    results: Results, figure: Callable[[Any], float], over: tuple[str, str], under: tuple[str, str]
) -> Measured:
    return _divide(_figure(results, figure, over), _figure(results, figure, under))


def _figure(results: Results, figure: Callable[[Any], float], run: tuple[str, str]) -> Measured:
    found = results.find(*run)
    return None if found is None else figure(found)


def _decided(one: Any) -> float:
    """The clients' own view: what they wait for with polls belongs to the product's way."""
    return float(one.seen_per_second)


def _by_database(one: Any) -> float:
    return float(one.decided_per_second)


def _divide(above: Measured, below: Measured) -> Measured:
    return round(above / below, 2) if above is not None and below else None


def _fact(results: Results, name: str, part: str) -> Measured:
    fact = results.facts.get(name)
    return None if fact is None else float(fact[part])
