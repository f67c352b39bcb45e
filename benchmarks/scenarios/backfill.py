"""The backfill of a legacy school, killed in the middle, with bookings of the same seats meanwhile.

Everything is checked: each old step is linked or left for a reason, a second run links nothing
more, and no invariant is broken but that the steps which were left have no booking.
"""

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

from sqlalchemy import Engine, text

from app.embedded.parent_death import end_with_parent
from app.settings import CHECKOUT
from benchmarks.failure import BenchmarkError, require
from benchmarks.installation import Ground
from benchmarks.legacy_rows import load_legacy_school
from benchmarks.newcomers import Newcomers
from benchmarks.variations import NO_PROCESS
from benchmarks.waiting import until
from migrations import commands
from models.invariants import check_invariants

KILLED_AFTER = 0.4
"""Of all steps."""
LEFT_WITHOUT_BOOKING = "progress_booking"
MANY_SECONDS = 1800


def run_backfill(ground: Ground, steps: int, rounds: int) -> list[dict[str, float]]:
    """Do it so many times, each in a new database; returns the figures of each."""
    return [_in_new_database(ground, steps) for _ in range(rounds)]


def _in_new_database(ground: Ground, steps: int) -> dict[str, float]:
    with ground.installation(NO_PROCESS) as installation:
        with installation.engine.begin() as db:
            db.execute(text("DROP SCHEMA public CASCADE"))
            db.execute(text("CREATE SCHEMA public"))
        environ = {
            "DATABASE_URL": installation.settings.database_url,
            "REDIS_URL": installation.settings.broker_url,
            "VAR_DIR": str(installation.settings.var / "backfill"),
        }
        return move_in(installation.engine, environ, steps)


def move_in(engine: Engine, environ: dict[str, str], steps: int) -> dict[str, float]:
    """From an empty database to linked bookings, by the three deployments of the plan.

    Expand → backfill, killed in the middle and begun again, beside students who book → what was
    left is unbooked, as people would → contract. Returns figures; raises where an outcome is wrong.
    """
    commands.upgrade(engine, "0001")
    with engine.begin() as db:
        load_legacy_school(db, steps)
    commands.upgrade(engine, "expand@head")
    began = time.monotonic()
    with Newcomers(engine) as newcomers:
        _kill_in_the_middle(engine, environ, steps)
        killed = time.monotonic()
        done = _backfill(environ)
        ended = time.monotonic()
    _require_right(engine, done, steps)
    again = _backfill(environ)
    require(again["linked"] == 0, f"a second run linked {again['linked']} more")
    require(again["left"] == done["left"], "a second run left others")
    _unbook_what_was_left(engine, again["run"])
    commands.upgrade(engine)
    found = check_invariants(engine).violations
    require(not found, f"after the contract: {found[:3]}")
    return {
        "steps a second": round(steps / (ended - began)),
        "until killed, s": round(killed - began, 1),
        "to the end, s": round(ended - killed, 1),
        "longest transaction, ms": done["longestMs"],
        "linked": done["linked"],
        "left": sum(done["left"].values()),
        "booked meanwhile": newcomers.booked,
        "slowest decision meanwhile, ms": round(newcomers.slowest * 1000),
    }


def _kill_in_the_middle(engine: Engine, environ: dict[str, str], steps: int) -> None:
    process = _start(environ)
    try:
        until(lambda: _is_in_the_middle(engine, process, steps), MANY_SECONDS, "the middle")
    finally:
        process.kill()
        process.communicate()
    require(_looked_at(engine) < steps, "it was done before it could be killed")


def _is_in_the_middle(engine: Engine, process: "subprocess.Popen[str]", steps: int) -> bool:
    if process.poll() is not None:
        raise BenchmarkError(f"it ended before it could be killed: {process.communicate()}")
    return _looked_at(engine) > steps * KILLED_AFTER


def _backfill(environ: dict[str, str]) -> dict[str, Any]:
    process = _start(environ)
    said, complained = process.communicate(timeout=MANY_SECONDS)
    require(process.returncode == 0, f"the backfill ended {process.returncode}: {complained}")
    told: dict[str, Any] = json.loads(said)
    return told


def _start(environ: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "backfill-bookings", "--json"],
        cwd=CHECKOUT,
        env=os.environ | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - only calls prctl
    )


def _looked_at(engine: Engine) -> int:
    with engine.connect() as db:
        return int(db.scalar(text("SELECT count(*) FROM backfill_row")) or 0)


def _require_right(engine: Engine, done: dict[str, Any], steps: int) -> None:
    left = sum(done["left"].values())
    require(done["before"] == steps, f"{done['before']} steps before, not {steps}")
    require(done["linked"] + left == steps, f"{done['linked']} linked and {left} left of {steps}")
    require(done["after"] == left, f"{done['after']} are without a booking, {left} were left")
    require(not done["faults"], f"faults: {done['faults'][:3]}")
    found = [v for v in check_invariants(engine).violations if v.name != LEFT_WITHOUT_BOOKING]
    require(not found, f"broken: {found[:3]}")


def _unbook_what_was_left(engine: Engine, run_id: int) -> None:
    with engine.begin() as db:
        db.execute(text(_UNBOOK), {"run": run_id})


_UNBOOK = """
UPDATE student_course_step_progress SET status = 'UNBOOKED', session_id = NULL, booked_at = NULL
WHERE id IN (SELECT progress_id FROM backfill_row WHERE backfill_run_id = :run AND outcome = 'LEFT')
  AND booking_id IS NULL
"""
