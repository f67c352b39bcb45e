"""What Prometheus reads.

The web server runs several processes behind one port, so a scrape reaches any one of them. They
count into memory-mapped files in one directory, and whichever is asked adds them all up
(prometheus_client's multiprocess mode). The directory is `PROMETHEUS_MULTIPROC_DIR`, which has
to be set before the processes start and emptied at each start; without it each process shows
its own numbers, which is right for a single one.
"""

import os

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

REQUESTS = Counter(
    "thrive_http_requests_total", "Requests answered.", ("method", "route", "status")
)
SECONDS = Histogram(
    "thrive_http_request_seconds",
    "Time from a request's arrival to its answer, waits asked for with Prefer included.",
    ("method", "route"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request; `method` and `route` are from bounded sets."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(method, route).observe(seconds)


def exposition() -> bytes:
    """Return the metrics of all processes in Prometheus' text format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library leaves it bare
    return generate_latest(registry)
