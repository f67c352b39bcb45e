"""How installations differ: the product as it is, and what it is compared with."""

from benchmarks.installation import Variation

AS_IS = Variation(environ=(("WEBHOOK_ALLOW_PRIVATE", "true"),))
"""What it sends events to is on this machine."""
SYNCHRONOUS = Variation(
    "synchronous",
    # no job waits, no task is published: the others would stand by
    only=frozenset({"web", "courier", "webhooks", "beat"}),
    changes=(("web", "app.wsgi:application", "benchmarks.synchronous:application"),),
)
ONE_AT_A_TIME = Variation(
    "one at a time",
    changes=(
        ("worker", "--app app.worker", "--app benchmarks.one_at_a_time"),
        ("sweep", "--app app", "--app benchmarks.one_at_a_time_sweep"),
    ),
    environ=(("WAKEUPS", "each"),),
)
ONLY_WEB = Variation("only the web", only=frozenset({"web"}), changes=SYNCHRONOUS.changes)
"""With the routes of the baselines, as `/pong` is one of them."""
NO_PROCESS = Variation("servers only", only=frozenset())


def only_worker(processes: int) -> Variation:
    """Only the bookings' worker, with this many processes."""
    return Variation(
        f"{processes} worker processes",
        only=frozenset({"worker"}),
        changes=(("worker", "${WORKER_CONCURRENCY:-2}", str(processes)),),
    )
