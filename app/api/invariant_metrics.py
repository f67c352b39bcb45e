"""The invariants among the metrics: what the last look at them found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

Results = Mapping[str, tuple[int, datetime]]


@dataclass(frozen=True, eq=False)
class _Invariants(Collector):
    """One number a rule, and when they were counted; nothing before the first look."""

    results: Results

    def collect(self) -> Iterator[Metric]:
        """Tell the numbers."""
        violations = GaugeMetricFamily(
            "thrive_invariant_violations", "Rows that break a rule.", labels=["rule"]
        )
        for rule, (count, _) in self.results.items():
            violations.add_metric([rule], count)
        yield violations
        if self.results:
            checked_at = min(at for _, at in self.results.values())
            yield GaugeMetricFamily(
                "thrive_invariants_checked_timestamp_seconds",
                "When every row was last looked at.",
                value=checked_at.timestamp(),
            )


def invariant_exposition(results: Results) -> bytes:
    """Return what the last look at the invariants found, in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Invariants(results))
    return generate_latest(registry)
