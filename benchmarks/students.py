"""Students as the server sees them: each submits, then polls as it was told until the job is final.

After the submit they wait for its `Retry-After`; after that for the job's own `pollAfterMs`.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import uvloop

from benchmarks.failure import BenchmarkError
from benchmarks.http_client import CONNECTIONS, Answer, Pool
from benchmarks.requests import Errand

ACCEPTED, OK, CREATED, CONFLICT = 202, 200, 201, 409


@dataclass(slots=True)
class Trace:
    """What one student saw; times are monotonic seconds.

    `clicked` is when the student wanted to submit, `sent` when a connection was free to do so.
    """

    clicked: float
    sent: float = 0.0
    accepted: float = 0.0
    final: float = 0.0
    polls: int = 0
    decision_seconds: float = 0.0

    @property
    def submit_seconds(self) -> float:
        """From sending the submit to its answer."""
        return self.accepted - self.sent

    @property
    def final_seconds(self) -> float:
        """From sending the submit to seeing its job final."""
        return self.final - self.sent


Act = Callable[[Pool, Errand], Awaitable[Trace]]


async def submit_and_poll(pool: Pool, errand: Errand) -> Trace:
    """Do one errand through the product's API."""
    trace = Trace(time.monotonic())
    answer = await pool.ask(errand.submit)
    _expect(answer, ACCEPTED)
    trace.sent, trace.accepted = answer.sent, answer.received
    job = json.loads(answer.body)
    poll = b"".join((errand.poll_before, job["id"].encode(), errand.poll_after))
    pause = float(answer.retry_after)
    while job["status"] == "QUEUED":
        await asyncio.sleep(pause)
        answer = await pool.ask(poll)
        _expect(answer, OK)
        trace.polls += 1
        job = json.loads(answer.body)
        pause = (job["pollAfterMs"] or 0) / 1000
    return _finish(trace, errand, job, answer)


async def submit_and_have(pool: Pool, errand: Errand) -> Trace:
    """Do one errand where the answer is the decision (the synchronous baseline)."""
    trace = Trace(time.monotonic())
    answer = await pool.ask(errand.submit)
    _expect(answer, CREATED, CONFLICT)
    trace.sent, trace.accepted = answer.sent, answer.received
    return _finish(trace, errand, json.loads(answer.body), answer)


def _finish(trace: Trace, errand: Errand, job: Any, answer: Answer) -> Trace:
    outcome = job["status"], (job["error"] or {}).get("code")
    if outcome not in errand.allowed:
        raise BenchmarkError(f"a job came out as {outcome}: {answer.body.decode()}")
    trace.final = answer.received
    taken = _instant(job["decidedAt"]) - _instant(job["submittedAt"])
    trace.decision_seconds = taken / timedelta(seconds=1)
    return trace


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _expect(answer: Answer, *statuses: int) -> None:
    if answer.status not in statuses:
        body = answer.body.decode(errors="replace")
        raise BenchmarkError(f"an answer has status {answer.status}: {body}")


async def rush(pool: Pool, errands: Sequence[Errand], act: Act = submit_and_poll) -> list[Trace]:
    """Let all students begin at once; returns what each saw, in their order."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_as_coroutine(act(pool, errand))) for errand in errands]
    return [task.result() for task in tasks]


async def stream(pool: Pool, errands: Sequence[Errand], rate: float) -> list[Trace]:
    """Let students begin one after the other, `rate` a second, whatever the answers do."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.TaskGroup() as group:
        tasks = []
        for number, errand in enumerate(errands):
            await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
            tasks.append(group.create_task(submit_and_poll(pool, errand)))
    return [task.result() for task in tasks]


async def _as_coroutine(act: Awaitable[Trace]) -> Trace:
    return await act


def run(
    address: tuple[str, int],
    what: Callable[[Pool], Coroutine[Any, Any, Any]],
    *,
    connections: int = CONNECTIONS,
) -> Any:
    """Run something that uses connections to this address, on uvloop."""

    async def on_connections() -> Any:
        pool = Pool(*address, connections)
        try:
            return await what(pool)
        finally:
            pool.close()

    try:
        return uvloop.run(on_connections())
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
