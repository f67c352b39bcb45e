"""The tables that a run prints."""

from collections.abc import Iterable, Sequence

from benchmarks.figures import Figures
from benchmarks.reach import Reached
from benchmarks.results import Results

Row = Sequence[object]


def print_report(results: Results, reached: Iterable[Reached]) -> None:
    """Print everything that was measured."""
    _print("Rates and latencies (ms)", _LATENCY_HEAD, [_latencies(f) for f in results.figures])
    roles = sorted({role for one in results.figures for role in one.cpu_ms}, key=_ROLES.index)
    _print(
        "CPU, milliseconds a booking, until all mails have left",
        ["scenario", "way", "in all", *roles],
        [_cpu(one, roles) for one in results.figures],
    )
    _print(
        "Peak memory of one process (VmHWM), MiB",
        ["scenario", "way", *roles[:-1]],
        [_memory(one, roles[:-1]) for one in results.figures],
    )
    for name, fact in results.facts.items():
        print(f"{name}: {fact}")
    _print(
        "Reach",
        ["figure", "floor", "goal", "reached", ""],
        [(one.what, one.floor, one.goal, one.figure, one.verdict) for one in reached],
    )


_ROLES = [
    *("web", "worker", "courier", "webhooks", "sweep", "beat", "flower"),
    *("PostgreSQL", "Valkey", "generator"),
]
_LATENCY_HEAD = [
    *("scenario", "way", "n", "submits/s", "p50", "p99", "decided/s", "seen/s"),
    *("final p50", "p95", "p99", "decision p50", "p95", "p99", "polls", "tasks", "mail", "events"),
]


def _latencies(one: Figures) -> Row:
    return [
        *(one.scenario, one.way, one.count, one.submits_per_second or "-"),
        *_values(one.submit_ms, "p50", "p99"),
        *(one.decided_per_second, one.seen_per_second or "-"),
        *_values(one.final_ms, "p50", "p95", "p99"),
        *_values(one.decision_ms, "p50", "p95", "p99"),
        *(one.polls or "-", *_values(one.tasks, "bookings", "mail", "events")),
    ]


def _values(figures: dict[str, float], *names: str) -> list[object]:
    return [figures.get(name, "-") for name in names]


def _cpu(one: Figures, roles: list[str]) -> Row:
    return [one.scenario, one.way, one.cpu_ms_in_all, *_values(one.cpu_ms, *roles)]


def _memory(one: Figures, roles: list[str]) -> Row:
    return [one.scenario, one.way, *_values(one.peak_mib, *roles)]


def _print(title: str, head: Sequence[str], rows: Sequence[Row]) -> None:
    """Print a table whose columns are as wide as they have to be."""
    if not rows:
        return
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    print(f"\n{title}")
    for line in lines:
        cells = zip(line, widths, strict=True)
        texts = [c.ljust(w) if n < 2 else c.rjust(w) for n, (c, w) in enumerate(cells)]
        print("  ".join(texts).rstrip())
    print(flush=True)
