"""What one run of a scenario came to, and how each figure is computed from what was seen."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import quantiles

from benchmarks.students import Trace

SAMPLES = 100
"""How many points of a latency curve are kept."""
SLICE_SECONDS = 0.1


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least this share of the values don't exceed."""
    ordered = sorted(values)
    place = min(len(ordered) - 1, max(0, -(-len(ordered) * percent // 100) - 1))
    return ordered[int(place)] if ordered else 0.0


def milliseconds(values: Sequence[float], *percents: float) -> dict[str, float]:
    """Return percentiles of seconds, in milliseconds."""
    return {f"p{percent:g}": round(percentile(values, percent) * 1000, 1) for percent in percents}


@dataclass
class Figures:
    """The figures of one run; latencies are in milliseconds, CPU in milliseconds a booking."""

    scenario: str
    way: str
    count: int
    submits_per_second: float = 0.0
    submit_ms: dict[str, float] = field(default_factory=dict)
    decided_per_second: float = 0.0
    """By the database: from the first submit to the last `decided_at`."""
    seen_per_second: float = 0.0
    """By the clients: from the first submit to the last final answer, polls included."""
    final_ms: dict[str, float] = field(default_factory=dict)
    decision_ms: dict[str, float] = field(default_factory=dict)
    cpu_ms: dict[str, float] = field(default_factory=dict)
    peak_mib: dict[str, float] = field(default_factory=dict)
    tasks: dict[str, float] = field(default_factory=dict)
    polls: float = 0.0
    throughput: list[int] = field(default_factory=list)
    """Decided in each tenth of a second."""
    final_curve_ms: list[float] = field(default_factory=list)

    @property
    def cpu_ms_in_all(self) -> float:
        """Of everything but the load generator."""
        return round(sum(ms for role, ms in self.cpu_ms.items() if role != "generator"), 2)


def add_traces(figures: Figures, traces: Sequence[Trace]) -> None:
    """Compute what follows from what the students saw."""
    began = min(trace.sent for trace in traces)
    taken = max(trace.accepted for trace in traces) - began
    figures.submits_per_second = round(len(traces) / taken, 1)
    figures.submit_ms = milliseconds([trace.submit_seconds for trace in traces], 50, 99)
    seen = max(trace.final for trace in traces) - began
    figures.seen_per_second = round(len(traces) / seen, 1)
    final = [trace.final_seconds for trace in traces]
    figures.final_ms = milliseconds(final, 50, 95, 99)
    decision = [trace.decision_seconds for trace in traces]
    figures.decision_ms = milliseconds(decision, 50, 95, 99)
    figures.polls = round(sum(trace.polls for trace in traces) / len(traces), 2)
    figures.final_curve_ms = curve([seconds * 1000 for seconds in final])


def add_decisions(figures: Figures, began: datetime, decided: Sequence[datetime]) -> None:
    """Compute what follows from the database's own times."""
    seconds = [(moment - began).total_seconds() for moment in decided]
    figures.decided_per_second = round(len(seconds) / max(seconds), 1)
    slices = Counter(int(moment / SLICE_SECONDS) for moment in seconds)
    figures.throughput = [slices[number] for number in range(max(slices) + 1)]


def curve(values: Sequence[float]) -> list[float]:
    """Return the values in order, thinned out to what a plot needs."""
    if len(values) <= SAMPLES:
        return [round(value, 1) for value in sorted(values)]
    return [round(value, 1) for value in quantiles(values, n=SAMPLES, method="inclusive")]
