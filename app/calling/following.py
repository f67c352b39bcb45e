"""Following a job until it is decided."""

import time
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from app.calling.answers import Job
from app.calling.errors import ThriveError, UndecidedError
from app.calling.network import Answer, Network, Request, retry_after

LEAST_PAUSE = 0.1
"""Seconds between two polls, whatever the server asks for."""


def poll(job_id: str) -> Request:
    """The request for a job as it stands."""
    return Request("GET", f"/api/jobs/{quote(job_id, safe='')}")


def follow(network: Network, request: Request, deadline: float) -> Job:
    """Send a request that is answered with a job, and poll that until it is final.

    `deadline` is a monotonic time. Raises UndecidedError when it is over, and what
    `Network.send` raises, each with the job's id as soon as there is one.
    """
    answer = network.send(replace(request, held=True), deadline)
    job: Job = answer.body
    etag = answer.headers.get("ETag")
    while job["status"] == "QUEUED":
        _rest(answer, job, deadline)
        answer = _ask(network, job["id"], etag, deadline)
        if answer.body is not None:
            job, etag = answer.body, answer.headers.get("ETag")
    return job


def _rest(answer: Answer, job: Job, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        late = UndecidedError("This isn't decided yet.", code="undecided", job_id=job["id"])
        late.retry_after = retry_after(answer.headers)
        raise late
    time.sleep(min(_pause(answer.headers, job), left))


def _pause(headers: Mapping[str, str], job: Job) -> float:
    """Seconds, as the server asks for; the least where it has just held its answer back."""
    if "Preference-Applied" in headers:
        return LEAST_PAUSE
    asked = retry_after(headers)
    seconds = (job["pollAfterMs"] or 1000) / 1000 if asked is None else asked.total_seconds()
    return max(LEAST_PAUSE, seconds)


def _ask(network: Network, job_id: str, etag: str | None, deadline: float) -> Answer:
    known = {"If-None-Match": etag} if etag else {}
    try:
        return network.send(replace(poll(job_id), headers=known, held=True), deadline)
    except ThriveError as error:
        error.job_id = job_id
        raise
