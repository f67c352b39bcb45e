"""Runs errands against an installation and measures all that is reported."""

from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from benchmarks.figures import Figures, add_decisions, add_traces
from benchmarks.http_client import CONNECTIONS, FEW_CONNECTIONS, Pool
from benchmarks.installation import Installation
from benchmarks.outcome import number
from benchmarks.school import MINUTES
from benchmarks.students import Trace, run
from benchmarks.usage import GENERATOR, Usage, peak_memory
from benchmarks.waiting import until
from benchmarks.ways import SYNCHRONOUS
from models.long_transaction import allow_long_transaction

TASKS = {
    "bookings": ("worker", "tasks.bookings.process["),
    "mail": ("courier", "tasks.mail."),
    "events": ("webhooks", "tasks.events."),
}
LEAVING_SECONDS = 300
"""How long the mails and events of a scenario may take to leave, however many they are."""
SECONDS_A_MAIL = 0.1


def measure(
    figures: Figures,
    installation: Installation,
    act: Callable[[Pool], Coroutine[Any, Any, list[Trace]]],
    *,
    jobs: int | None = None,
    mails: bool = True,
) -> list[Trace]:
    """Let students act, and fill the figures in.

    CPU is counted until all `mails` have left, or else until the last student is done. `jobs` is
    how many share the cost, where that isn't the number of those who are reported.
    """
    jobs = jobs or figures.count
    settings = installation.settings
    tasks_before = _tasks(installation)
    usage = Usage.from_now_on(installation.roots())
    began = datetime.now(UTC)
    traces: list[Trace] = run(
        (settings.host, settings.port),
        act,
        connections=FEW_CONNECTIONS if figures.way == SYNCHRONOUS else CONNECTIONS,
    )
    generator = usage.cpu_seconds()[GENERATOR]
    if mails:
        wait_until_told(installation)
    cpu = usage.cpu_seconds() | {GENERATOR: generator}
    add_traces(figures, traces)
    add_decisions(figures, began, decided_since(installation, began))
    figures.cpu_ms = per_booking(cpu, jobs)
    figures.peak_mib = peak_memory(installation.roots())
    tasks = _tasks(installation)
    figures.tasks = {name: round((tasks[name] - tasks_before[name]) / jobs, 3) for name in tasks}
    return traces


def per_booking(cpu_seconds: dict[str, float], count: int) -> dict[str, float]:
    """Return CPU milliseconds a booking."""
    return {role: round(seconds * 1000 / count, 3) for role, seconds in cpu_seconds.items()}


def wait_until_told(installation: Installation) -> None:
    """Wait until every mail and event has left; they are part of a booking's cost."""
    query = "SELECT count(*) FROM outbox_message WHERE status IN ('PENDING', 'SENDING')"
    until(
        lambda: number(installation.engine, query) == 0,
        LEAVING_SECONDS + SECONDS_A_MAIL * number(installation.engine, query),
        "the leaving of all mails and events",
        every=0.2,
    )


def forget_mails(installation: Installation) -> None:
    """Take waiting mails as sent, so that their sending doesn't disturb what is measured next."""
    with installation.engine.begin() as db:
        allow_long_transaction(db, MINUTES)
        db.execute(
            text(
                "UPDATE outbox_message SET status = 'SENT', finished_at = now(),"
                " lease_token = NULL, lease_until = NULL"
                " WHERE kind = 'MAIL' AND status IN ('PENDING', 'SENDING')"
            )
        )
    wait_until_told(installation)


def decided_since(installation: Installation, began: datetime) -> Sequence[datetime]:
    """Return when each job since then was decided, in order."""
    query = text("SELECT decided_at FROM booking_job WHERE decided_at >= :began ORDER BY 1")
    with installation.engine.connect() as db:
        return list(db.scalars(query, {"began": began}))


def _tasks(installation: Installation) -> dict[str, int]:
    """Count the tasks that workers took so far, by what they do."""
    return {
        name: installation.processes[process].said(words, "received")
        for name, (process, words) in TASKS.items()
        if process in installation.processes
    }
