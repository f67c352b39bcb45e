"""The proof of a backfill isn't bound by the limits and plans that are made for bookings."""

import threading

from sqlalchemy import text

from models.backfill.verifying import FAULTS
from models.backfill.whole_tables import allow_whole_tables
from models.connection import make_engine
from tests.migrations.old_school import OldSchool
from tests.processes import until

LOOPS = "Nested Loop"


def test_the_proof_waits_longer_than_a_booking_would(old_school: OldSchool) -> None:
    old_school.old_student(old_school.course())
    url = old_school.engine.url.update_query_dict({"options": "-c lock_timeout=100ms"}, append=True)
    impatient = make_engine(url.render_as_string(hide_password=False))
    school = OldSchool(impatient, old_school.now)
    thread = threading.Thread(target=school.backfill)
    with old_school.engine.connect() as db:
        # it is the first thing that the last transaction writes, and no other one needs it
        db.execute(text("LOCK TABLE audit_entry IN ACCESS EXCLUSIVE MODE"))
        thread.start()
        until(lambda: old_school.rows(_WAITS_LONG) != [], 20, "the proof to wait")
        db.rollback()
    thread.join(30)
    impatient.dispose()
    assert old_school.rows("SELECT finished_at IS NOT NULL FROM backfill_run") == [(True,)]
    assert old_school.rows("SELECT action FROM audit_entry") == [("backfill",)]


def test_the_proof_reads_each_table_once(legacy_school: OldSchool) -> None:
    legacy_school.backfill()
    with legacy_school.engine.begin() as db:
        # of the next run they know nothing
        db.execute(text("ANALYZE"))

        def plans() -> list[str]:
            explained = (f"EXPLAIN {query}" for query in FAULTS.values())
            return ["\n".join(db.scalars(text(one), {"run": 2})) for one in explained]

        assert any(LOOPS in plan for plan in plans())
        allow_whole_tables(db)
        assert not any(LOOPS in plan for plan in plans())


_WAITS_LONG = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
  AND clock_timestamp() > query_start + interval '300 ms'
"""
