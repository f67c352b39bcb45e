"""From the legacy shape to linked bookings, the whole way, as an operator goes it."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from benchmarks.scenarios.backfill import move_in
from tests.migrations.databases import broken_rules, stands_at

STEPS = 1600


@pytest.mark.timeout(120)
def test_killed_in_the_middle_and_beside_new_bookings_the_backfill_ends_right(
    bare: Engine, tmp_path: Path
) -> None:
    environ = {
        "DATABASE_URL": bare.url.render_as_string(hide_password=False),
        "REDIS_URL": "",
        "VAR_DIR": str(tmp_path / "var"),
    }
    figures = move_in(bare, environ, STEPS)
    assert figures["linked"] + figures["left"] == STEPS
    assert figures["linked"] > 0.8 * STEPS
    assert figures["booked meanwhile"] > 0
    assert stands_at(bare) == ["0004", "0008"]
    assert broken_rules(bare) == []
