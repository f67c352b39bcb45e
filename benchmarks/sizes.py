"""How large each scenario is: as the README reports it, or just large enough to be right."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """The sizes of all scenarios."""

    students: int
    sessions: int
    """Of the spread; each is its group class's only one, so that every lane is used."""
    hot_seats: int
    wizards: int
    mixed_seconds: int
    fair_students: int
    fair_sessions: int
    fair_runs: int
    drain: int
    old: tuple[int, int]
    """How many bookings and jobs are in the tables already: few, and many."""
    reported: int
    """How many bookings of two years the reports of staff are about."""
    legacy: int
    """Steps that the old code booked, to be linked to bookings."""
    legacy_rounds: int
    readers: int
    """Students with twenty booked steps each, whose page is looked at."""
    pongs: int
    pgbench: int
    pgbench_clients: tuple[int, ...]
    enrolments: int | None
    """Of the timetable; None is all of them."""
    warm_up: int


FULL = Sizes(
    students=5000,
    sessions=1000,
    hot_seats=500,
    wizards=1000,
    mixed_seconds=60,
    fair_students=1000,
    fair_sessions=500,
    fair_runs=5,
    drain=20_000,
    old=(10_000, 1_000_000),
    reported=1_000_000,
    legacy=100_000,
    legacy_rounds=2,
    readers=100,
    pongs=40_000,
    pgbench=20_000,
    pgbench_clients=(1, 2, 4),
    enrolments=None,
    warm_up=500,
)
QUICK = Sizes(
    students=80,
    sessions=40,
    hot_seats=12,
    wizards=20,
    mixed_seconds=3,
    fair_students=60,
    fair_sessions=30,
    fair_runs=1,
    drain=200,
    old=(1000, 3000),
    reported=3000,
    legacy=1600,
    legacy_rounds=1,
    readers=10,
    pongs=1000,
    pgbench=200,
    pgbench_clients=(2,),
    enrolments=150,
    warm_up=0,
)
