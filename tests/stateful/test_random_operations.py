"""The product against an independent model of its rules, under random operations."""

import os
import time
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Engine

from models import desk_reading, scope_reading
from models import round as rounds
from models.refusal import RefusalCode
from tests.stateful.machine import SchoolMachine
from tests.stateful.witness import Statistics

MINUTES = float(os.environ.get("THRIVE_LONG", "0")) * 15
"""THRIVE_LONG=1 searches for a quarter of an hour, with new examples every time."""

SHRINKS = os.environ.get("THRIVE_SHRINK") == "1"
"""THRIVE_SHRINK=1 looks for the shortest way to a disagreement, which takes minutes."""

EXAMPLES = settings(
    max_examples=50 if MINUTES else 14,
    stateful_step_count=60 if MINUTES else 50,
    derandomize=not MINUTES,
    deadline=None,
    phases=[Phase.generate] + [Phase.shrink] * SHRINKS,
    report_multiple_bugs=False,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.timeout(60 * MINUTES + 600 if MINUTES or SHRINKS else 120)
def test_every_outcome_is_the_models(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    # what the machine varies is put back at the end
    for module, name in (
        (rounds, "BATCH"),
        (desk_reading, "CANDIDATES"),
        (scope_reading, "CANDIDATES"),
    ):
        monkeypatch.setattr(module, name, getattr(module, name))
    statistics = Statistics()
    ends = time.monotonic() + timedelta(minutes=MINUTES).total_seconds()
    while True:
        run_state_machine_as_test(lambda: SchoolMachine(engine, statistics), settings=EXAMPLES)
        if time.monotonic() > ends:
            break
    assert statistics["promoted"], "nobody was ever promoted"
    refusals = {what.split()[-1] for what in statistics} & set(RefusalCode)
    assert len(refusals) > 12, f"nothing else was ever refused: {refusals}"
    for what, count in sorted(statistics.items()):
        print(f"{count:7} {what}")  # noqa: T201 - for whoever runs it with -s
