"""The third baseline: PostgreSQL alone, pgbench sending the statements of bookings.

The jobs are the drain's: queued over 1,000 sessions. Nothing is judged and nobody is waiting;
what is measured is what the statements themselves cost.
"""

import os
import re
import signal
import subprocess
from pathlib import Path

from sqlalchemy import make_url, text

from app.embedded.parent_death import end_with_parent
from app.embedded.postgres_home import postgres_home
from benchmarks.failure import BenchmarkError
from benchmarks.installation import Ground, Installation
from benchmarks.old_rows import load_old_rows
from benchmarks.outcome import check_decided, check_seats
from benchmarks.queueing import queue_bookings
from benchmarks.scenarios.drains import SESSIONS
from benchmarks.school import School, analyze, found
from benchmarks.variations import NO_PROCESS

SCRIPTS = Path(__file__).parent / "sql"
SETS = {"one": 1, "hundred": 100}
"""How many bookings a transaction of each script makes."""
CLIENTS = (1, 2, 4)

_JOBS = """
    CREATE UNLOGGED TABLE benchmark_job AS
    SELECT row_number() OVER (ORDER BY arrival) - 1 AS n, id AS job_id, lanes[1] AS lane, arrival,
           user_id, student_package_id AS package_id, course_step_id AS step_id,
           CAST(request ->> 'session_id' AS bigint) AS session_id
    FROM booking_job WHERE status = 'QUEUED'
"""


def bookings_per_second(ground: Ground, script: str, jobs: int, clients: int, old: int) -> float:
    """Queue so many jobs among old bookings, let pgbench decide them, and check that it did."""
    with ground.installation(NO_PROCESS) as installation:
        school = School(jobs, jobs, programs=SESSIONS)
        found(installation.engine, school)
        load_old_rows(installation, old, school)
        with installation.engine.begin() as db:
            queue_bookings(db, school)
            db.execute(text(_JOBS))
            db.execute(text("ALTER TABLE benchmark_job ADD PRIMARY KEY (n)"))
        analyze(installation.engine)
        transactions = jobs // SETS[script] // clients
        printed = _pgbench(ground, installation, script, transactions, clients)
        check_seats(
            installation.engine,
            school.base,
            school.base + school.sessions,
            transactions * clients * SETS[script],
        )
        check_decided(installation.engine)
    return round(_tps(printed) * SETS[script], 1)


def _pgbench(
    ground: Ground, installation: Installation, script: str, transactions: int, clients: int
) -> str:
    url = make_url(installation.settings.database_url)
    program = postgres_home(ground.postgres_directory).programs / "pgbench"
    finished = subprocess.run(
        [
            program,
            *("--no-vacuum", "--protocol", "prepared", "--file", SCRIPTS / f"{script}.sql"),
            *("--client", str(clients), "--transactions", str(transactions)),
            *("--define", "turn=0", "--define", f"clients={clients}"),
            *("--host", str(url.query["host"]), "--username", str(url.username), str(url.database)),
        ],
        env={"PATH": os.defpath, "PGPASSWORD": str(url.password)},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=end_with_parent(signal.SIGTERM),
    )
    if finished.returncode:
        raise BenchmarkError(f"pgbench failed: {finished.stderr}")
    return finished.stdout


def _tps(printed: str) -> float:
    found_ = re.search(r"tps = ([0-9.]+) \(without initial connection time\)", printed)
    if found_ is None:
        raise BenchmarkError(f"pgbench says no tps: {printed}")
    return float(found_[1])
