"""Polling a job: with `Prefer: wait=N` the answer is held until the job is decided."""

from datetime import timedelta
from typing import Any

from flask import request
from sqlalchemy import Row

from app.api.prefer import preference_applied, preferred_wait
from app.api.submitting import await_decision


def poll(job: Row[Any]) -> tuple[Row[Any], dict[str, str]]:
    """The job after the wait that this request asks for, and the headers that say so."""
    wait = preferred_wait(request)
    job, waited = await_decision(job, wait or timedelta(0))
    return job, preference_applied(wait) if wait is not None and waited else {}
