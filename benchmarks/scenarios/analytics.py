"""Each report of staff over a month and over a year, among so many bookings and jobs."""

import time
from collections.abc import Callable
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

from sqlalchemy import Connection

from benchmarks.analytics_rows import load_two_years
from benchmarks.failure import require
from benchmarks.installation import Ground
from benchmarks.variations import NO_PROCESS
from models.analytics.activity import read_activity
from models.analytics.decision_time import read_decision_times
from models.analytics.fill import read_fill
from models.analytics.lead_time import read_lead_times
from models.analytics.no_shows import read_no_shows
from models.analytics.report import By, Report
from models.analytics.span import Span
from models.analytics.waitlist import read_waitlist

SPANS = {"four weeks": timedelta(weeks=4), "a year": timedelta(days=365)}
TIMES = 3
"""How often each is read; the median counts."""


def run_analytics(ground: Ground, bookings: int) -> dict[str, dict[str, float]]:
    """Load the bookings and return how many milliseconds each report took, by span."""
    with ground.installation(NO_PROCESS) as installation:
        load_two_years(installation, bookings)
        now = datetime.now(UTC)
        with installation.engine.connect() as db:
            return {
                name: _measure(db, Span(start=now - length, end=now), now)
                for name, length in SPANS.items()
            }


def _measure(db: Connection, span: Span, now: datetime) -> dict[str, float]:
    reports: dict[str, Callable[[], Report[Any, Any]]] = {
        "fill by session": partial(read_fill, db, span, By.SESSION),
        "fill by class": partial(read_fill, db, span, By.CLASS),
        "fill by week": partial(read_fill, db, span, By.WEEK),
        "activity": partial(read_activity, db, span),
        "lead-time": partial(read_lead_times, db, span),
        "waitlist": partial(read_waitlist, db, span),
        "no-shows by class": partial(read_no_shows, db, span, By.CLASS, now=now),
        "no-shows by week": partial(read_no_shows, db, span, By.WEEK, now=now),
        "decision-time by day": partial(read_decision_times, db, span, By.DAY),
        "decision-time by kind": partial(read_decision_times, db, span, By.KIND),
    }
    taken: dict[str, float] = {}
    for name, read in reports.items():
        times = []
        for _ in range(TIMES):
            began = time.perf_counter()
            report = read()
            times.append(time.perf_counter() - began)
            db.rollback()
        require(any(astuple(report.total)), f"{name} found nothing")
        taken[name] = round(median(times) * 1000, 1)
    return taken
