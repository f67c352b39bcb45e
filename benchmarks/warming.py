"""Warms an installation up: the first requests of a process import, compile and connect."""

from benchmarks.http_client import FEW_CONNECTIONS
from benchmarks.installation import Installation
from benchmarks.scenarios.rushes import Rush, make_errands
from benchmarks.school import found
from benchmarks.students import Act, run, rush, submit_and_have, submit_and_poll
from benchmarks.ways import SYNCHRONOUS

CLASSES = 16
"""One a lane."""


def warm_up(installation: Installation, way: str, students: int) -> None:
    """Let some students of a small school book; nobody measures them."""
    small = Rush("warm-up", students, students, programs=CLASSES)
    school = small.school(next(installation.school_numbers))
    found(installation.engine, school)
    errands = make_errands(small, school, installation, way)
    act: Act = submit_and_have if way == SYNCHRONOUS else submit_and_poll
    settings = installation.settings
    run(
        (settings.host, settings.port),
        lambda pool: rush(pool, errands, act),
        connections=FEW_CONNECTIONS,
    )
