"""Following a job until it is decided."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import cast, get_args
from urllib.parse import quote

from app.calling.answers import Job, JobStatus
from app.calling.errors import RequestError, UndecidedError, naming
from app.calling.network import Answer, Network, Request, retry_after

LEAST_PAUSE = 0.1
"""Seconds between two polls, whatever the server asks for."""
READ = {
    "id": str,
    "status": str,
    "pollAfterMs": int | None,
    "result": dict | None,
    "error": dict | None,
}
"""What of a job is read here."""


def poll(job_id: str) -> Request:
    """The request for a job as it stands."""
    return Request("GET", f"/api/jobs/{quote(job_id, safe='')}")


def follow(network: Network, request: Request, deadline: float) -> Job:
    """Send a request that is answered with a job, and poll that until it is final.

    `deadline` is a monotonic time. Raises UndecidedError when it is over, and what
    `Network.send` raises, each with the job's id as soon as there is one.
    """
    answer = network.send(replace(request, held=True), deadline)
    job, etag = job_of(answer), answer.headers.get("ETag")
    with naming(job_id=job["id"]):
        while job["status"] == "QUEUED":
            _rest(answer, job, deadline)
            known = {"If-None-Match": etag} if etag else {}
            again = replace(poll(job["id"]), headers=known, held=True)
            answer = network.send(again, deadline)
            if answer.body is not None:
                job, etag = job_of(answer), answer.headers.get("ETag")
    return job


def job_of(answer: Answer) -> Job:
    """The job that an answer is; RequestError where it isn't one that this client knows.

    That isn't asked again: a call without a job may do twice what is sent twice.
    """
    body = answer.body
    if isinstance(body, dict) and READ.keys() <= body.keys():
        alike = all(isinstance(body[name], kind) for name, kind in READ.items())
        if alike and body["status"] in get_args(JobStatus):
            return cast("Job", body)
    raise RequestError("The answer isn't a job that this client knows.", code="not_a_job")


def _rest(answer: Answer, job: Job, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        late = UndecidedError("This isn't decided yet.", code="undecided")
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
