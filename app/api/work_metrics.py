"""Among the metrics, what waits, what was given up and who is alive: what alerts are made of."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from models.work_in_hand import WorkInHand


@dataclass(frozen=True, eq=False)
class _Work(Collector):
    """The database's part; the same from whichever web process is asked."""

    work: WorkInHand

    def collect(self) -> Iterator[Metric]:
        """Tell the numbers."""
        work = self.work
        yield _number("thrive_queued_jobs", "Jobs not decided yet.", work.queued.number)
        yield _number(
            "thrive_oldest_queued_seconds",
            "How long the oldest of them waits.",
            work.queued.oldest_seconds,
        )
        yield _number("thrive_failed_jobs", "Jobs that broke five times.", work.failed_jobs)
        yield _numbers(
            "thrive_unsent_messages",
            "Messages that have not left yet.",
            "kind",
            {kind: waiting.number for kind, waiting in work.unsent.items()},
        )
        yield _numbers(
            "thrive_oldest_unsent_seconds",
            "How long the oldest of them waits.",
            "kind",
            {kind: waiting.oldest_seconds for kind, waiting in work.unsent.items()},
        )
        yield _numbers("thrive_dead_messages", "Messages that were given up.", "kind", work.dead)
        yield _number(
            "thrive_disabled_webhooks",
            "Endpoints that failed for too long or are gone.",
            work.disabled_webhooks,
        )
        yield _numbers(
            "thrive_process_seen_seconds",
            "Since a process of this kind was last alive.",
            "process",
            work.seen_seconds_ago,
        )


def work_exposition(work: WorkInHand) -> bytes:
    """Return what one look at the work found, in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Work(work))
    return generate_latest(registry)


def broker_exposition(*, is_up: bool) -> bytes:
    """Return whether the broker answers, in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Broker(is_up))
    return generate_latest(registry)


@dataclass(frozen=True, eq=False)
class _Broker(Collector):
    is_up: bool

    def collect(self) -> Iterator[Metric]:
        yield _number("thrive_broker_up", "Whether the broker answers.", int(self.is_up))


def _number(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _numbers(
    name: str, words: str, label: str, values: dict[str, int] | dict[str, float]
) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for one, value in values.items():
        family.add_metric([one], value)
    return family
